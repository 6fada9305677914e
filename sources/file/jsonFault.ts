const TOKEN = /[{}[\],:]|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const SPACE = /[ \t\r\n]*/y;
const QUOTE = 34;
const BACKSLASH = 92;
/** Control characters must be escaped in a string. */
const FIRST_PRINTABLE = 32;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Offset behind what `pattern` matches at `offset`; null when it does not. */
function matchAt(pattern: RegExp, text: string, offset: number): number | null {
  pattern.lastIndex = offset;
  return pattern.test(text) ? pattern.lastIndex : null;
}

/** A string that begins at `start`: where it ends, or where it goes wrong. */
function stringEnd(text: string, start: number): { end: number } | { fault: number } {
  let position = start + 1;
  while (position < text.length) {
    const code = text.charCodeAt(position);
    if (code === QUOTE) return { end: position + 1 };
    if (code >= FIRST_PRINTABLE && code !== BACKSLASH) {
      position += 1;
      continue;
    }
    const next = matchAt(ESCAPE, text, position);
    if (next === null) return { fault: position };
    position = next;
  }
  return { fault: text.length };
}

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end' | 'end';

/** Offset of the first character at which `text` stops being JSON (its length when it ends too early), null when it is JSON. */
export function findJsonFault(text: string): number | null {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let position = matchAt(SPACE, text, 0) ?? 0;
  const afterValue = (): Expected => (open.length === 0 ? 'end' : ', or end');
  while (position < text.length) {
    if (expected === 'end') return position;
    const start = position;
    const isKeyPlace: boolean = expected === 'key' || expected === 'key or }';
    const isValuePlace: boolean = expected === 'value' || expected === 'value or ]';
    if (text[start] === '"') {
      if (!isKeyPlace && !isValuePlace) return start;
      const string = stringEnd(text, start);
      if ('fault' in string) return string.fault;
      position = string.end;
      expected = isKeyPlace ? ':' : afterValue();
    } else {
      const end = matchAt(TOKEN, text, start);
      if (end === null) return start;
      const token = text[start];
      if (isValuePlace && (token === '{' || token === '[')) {
        open.push(token);
        expected = token === '{' ? 'key or }' : 'value or ]';
      } else if (token === '}' || token === ']') {
        const isEmpty = expected === (token === '}' ? 'key or }' : 'value or ]');
        if (!isEmpty && expected !== ', or end') return start;
        if (open.pop() !== (token === '}' ? '{' : '[')) return start;
        expected = afterValue();
      } else if (token === ',') {
        if (expected !== ', or end') return start;
        expected = open.at(-1) === '{' ? 'key' : 'value';
      } else if (token === ':') {
        if (expected !== ':') return start;
        expected = 'value';
      } else {
        if (!isValuePlace) return start;
        expected = afterValue();
      }
      position = end;
    }
    position = matchAt(SPACE, text, position) ?? position;
  }
  return expected === 'end' ? null : text.length;
}

/** Where a JSON text goes wrong, in words: `unexpected text in column 12`. */
export function describeJsonFault(text: string, line: number | null = null): string {
  const offset = findJsonFault(text) ?? text.length;
  if (offset >= text.length) return 'it ends too early';
  const before = text.slice(0, offset);
  const column = offset - before.lastIndexOf('\n');
  if (line === null) return `unexpected text in column ${column}`;
  return `unexpected text in line ${line + before.split('\n').length - 1}, column ${column}`;
}
