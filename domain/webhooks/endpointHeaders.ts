import type { FieldFault } from '../errors';
import { isMasked } from './masking';
import { isReservedHeader } from './reservedHeaders';

export const MAX_HEADERS = 10;
const MAX_NAME_LENGTH = 100;
const MAX_VALUE_LENGTH = 1_000;

/** A field name is a token: RFC 9110, sections 5.1 and 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Visible ASCII, with blanks inside: RFC 9110, section 5.5, without the bytes beyond ASCII that it advises against. */
const VALUE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** What is wrong with the headers that an endpoint is to be sent, by `headers.<name>`. What is no object of texts is not looked at. */
export function faultsOfHeaders(headers: unknown): FieldFault[] {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return [];
  const entries = Object.entries(headers);
  if (entries.length > MAX_HEADERS) {
    return [
      {
        parameter: 'headers',
        message: `There are ${entries.length} headers.`,
        expected: `at most ${MAX_HEADERS}`,
      },
    ];
  }
  const seen = new Set<string>();
  return entries.flatMap(([name, value]) => {
    const message = faultOfName(name, seen) ?? (typeof value === 'string' ? faultOfValue(value) : null);
    seen.add(name.toLowerCase());
    return message === null ? [] : [{ parameter: `headers.${name.slice(0, MAX_NAME_LENGTH)}`, message }];
  });
}

function faultOfName(name: string, seen: ReadonlySet<string>): string | null {
  const lower = name.toLowerCase();
  if (name.length > MAX_NAME_LENGTH) return `The name has more than ${MAX_NAME_LENGTH} characters.`;
  if (!TOKEN.test(name)) return 'This is no name of a header: letters, digits and - make one.';
  if (isReservedHeader(name))
    return 'This header is ours to set: of the connection, the body or the signature.';
  return seen.has(lower) ? 'The header is given twice: its name is the same in any case.' : null;
}

function faultOfValue(value: string): string | null {
  if (isMasked(value)) return 'This is how we show a value, not the value.';
  if (value.length > MAX_VALUE_LENGTH) return `The value has more than ${MAX_VALUE_LENGTH} characters.`;
  return VALUE.test(value) ? null : 'The value is not of visible ASCII characters, with blanks only inside.';
}
