/** A number of so many digits that it may not fit; digits inside strings rarely look like this. */
const LONG_INTEGER = /(?:^|[:[,\s])-?\d{16,}\s*(?:[,}\]]|$)/;
const QUOTE_OR_NUMBER = /"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Where the string that begins at `start` ends, in a text that is JSON. */
function stringEnd(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

function isUnsafeInteger(number: string): boolean {
  return /^-?\d+$/.test(number) && !Number.isSafeInteger(Number(number));
}

function quoteUnsafeIntegers(text: string): string {
  const pieces: string[] = [];
  let copied = 0;
  const tokens = new RegExp(QUOTE_OR_NUMBER);
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const [token] = match;
    if (token === '"') {
      tokens.lastIndex = stringEnd(text, match.index);
    } else if (isUnsafeInteger(token)) {
      pieces.push(text.slice(copied, match.index), `"${token}"`);
      copied = tokens.lastIndex;
    }
  }
  return [...pieces, text.slice(copied)].join('');
}

/**
 * Parses JSON. An integer beyond what a number holds exactly, such as a uid without quotes, comes as a text of all its
 * digits.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return LONG_INTEGER.test(text) ? JSON.parse(quoteUnsafeIntegers(text)) : value;
}
