/** What stands at one place of a CSV text. */
export type CsvScan =
  | {
      kind: 'record';
      fields: string[];
      /** Where the next record begins. */
      next: number;
      /** Line ends inside the record and after it. */
      lines: number;
      /** A line with nothing on it, which is no record. */
      isBlank: boolean;
    }
  /** The text ends before the record does. */
  | { kind: 'incomplete' }
  | { kind: 'fault'; fault: string };

const QUOTE = '"';
const CARRIAGE_RETURN = 13;
const LINE_FEED = 10;

/** The end of the unquoted field that begins at `start`: a delimiter, a line end or the end of the text. */
function unquotedEnd(text: string, start: number, delimiter: number): number {
  let position = start;
  for (; position < text.length; position += 1) {
    const code = text.charCodeAt(position);
    if (code === delimiter || code === LINE_FEED || code === CARRIAGE_RETURN) break;
  }
  return position;
}

/** The quoted field whose opening quote is at `start`; null when its closing quote is not in the text. */
function quotedField(text: string, start: number): { value: string; end: number } | null {
  let value = '';
  for (let from = start + 1; ;) {
    const quote = text.indexOf(QUOTE, from);
    if (quote === -1) return null;
    if (text[quote + 1] !== QUOTE) return { value: value + text.slice(from, quote), end: quote + 1 };
    value += text.slice(from, quote + 1);
    from = quote + 2;
  }
}

function countLineFeeds(text: string, from: number, to: number): number {
  let count = 0;
  for (let position = from; position < to; position += 1) {
    if (text.charCodeAt(position) === LINE_FEED) count += 1;
  }
  return count;
}

/**
 * Reads one record by RFC 4180: quotes around a field, doubled inside it, line ends of any kind. A quote in the middle
 * of an unquoted field is an ordinary character; text after a closing quote is a fault.
 * @param delimiter one character
 * @param isEnd whether nothing follows `text`
 */
export function scanCsvRecord(text: string, start: number, delimiter: string, isEnd: boolean): CsvScan {
  const delimiterCode = delimiter.charCodeAt(0);
  const fields: string[] = [];
  let hasQuotes = false;
  let lines = 0;
  for (let position = start; ; position += 1) {
    if (text[position] === QUOTE) {
      const field = quotedField(text, position);
      if (field === null) {
        return isEnd
          ? { kind: 'fault', fault: 'a quote is opened and never closed' }
          : { kind: 'incomplete' };
      }
      hasQuotes = true;
      fields.push(field.value);
      lines += countLineFeeds(text, position, field.end);
      position = field.end;
    } else {
      const end = unquotedEnd(text, position, delimiterCode);
      fields.push(text.slice(position, end));
      position = end;
    }
    if (position >= text.length) {
      if (!isEnd) return { kind: 'incomplete' };
      return { kind: 'record', fields, next: text.length, lines, isBlank: isBlank(fields, hasQuotes) };
    }
    const code = text.charCodeAt(position);
    if (code === delimiterCode) continue;
    if (code === CARRIAGE_RETURN || code === LINE_FEED) {
      // The line feed that belongs to this carriage return may be the first character still to come.
      if (code === CARRIAGE_RETURN && position + 1 === text.length && !isEnd) return { kind: 'incomplete' };
      const width = code === CARRIAGE_RETURN && text.charCodeAt(position + 1) === LINE_FEED ? 2 : 1;
      return {
        kind: 'record',
        fields,
        next: position + width,
        lines: lines + 1,
        isBlank: isBlank(fields, hasQuotes),
      };
    }
    return { kind: 'fault', fault: 'text follows a closing quote' };
  }
}

function isBlank(fields: string[], hasQuotes: boolean): boolean {
  return !hasQuotes && fields.length === 1 && fields[0]?.trim() === '';
}
