import { describeJsonFault } from './jsonFault';
import { parseJson } from './parseJson';
import { brokenRow, MAX_ROW_LENGTH, rowOfValue, type ParsedRow } from './rows';
import type { TextInput } from './textInput';

function rowOfLine(text: string, line: number): ParsedRow {
  if (text.length > MAX_ROW_LENGTH) return brokenRow(text, `Line ${line}: the line is longer than 4 MiB.`);
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return brokenRow(text, `Line ${line} is no JSON: ${describeJsonFault(text)}.`);
  }
  return rowOfValue(value, `Line ${line}`, () => text);
}

/** One row for each line that is not blank. Memory stays within one line of 4 MiB, whatever the size of the file. */
export async function* ndjsonRows(input: TextInput): AsyncGenerator<ParsedRow> {
  let buffer = '';
  let line = 1;
  let isPassingOver = false;
  for await (const chunk of input.chunks) {
    buffer += chunk;
    let position = 0;
    for (let end = buffer.indexOf('\n'); end !== -1; end = buffer.indexOf('\n', position)) {
      const text = buffer.slice(position, end);
      if (!isPassingOver && text.trim() !== '') yield rowOfLine(text.trim(), line);
      isPassingOver = false;
      position = end + 1;
      line += 1;
    }
    buffer = buffer.slice(position);
    if (isPassingOver) buffer = '';
    else if (buffer.length > MAX_ROW_LENGTH) {
      yield rowOfLine(buffer, line);
      buffer = '';
      isPassingOver = true;
    }
  }
  const damage = input.damage();
  if (damage !== null) yield brokenRow(buffer, `Line ${line}: ${damage}.`);
  else if (buffer.trim() !== '') yield rowOfLine(buffer.trim(), line);
}
