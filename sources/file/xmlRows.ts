import { XMLValidator } from 'fast-xml-parser';
import { brokenRow, MAX_ROW_LENGTH, rowOfValue, type ParsedRow } from './rows';
import { createLineCounter, MAX_DOCUMENT_LENGTH, readWhole, type TextInput } from './textInput';
import { parseXmlItem } from './xmlItem';

/** A piece of the document that is one row, or should have been. */
interface Segment {
  start: number;
  end: number;
  isClosed: boolean;
}

/** Comments, CDATA, instructions, and tags of the elements that hold a posting: RSS, Atom, job boards' feeds. */
const MARKUP = /<!--|<!\[CDATA\[|<\?|<(\/?)((?:[\w.-]{1,40}:)?(?:item|entry|job))(?=[\s/>])/g;
const CDATA_START = '<![CDATA[';
const FEED_ROOT = /^(?:[\w.-]+:)?(?:rss|feed|RDF)$/;

/** Finds `marker` from an offset on. Offsets only grow, so that the whole text is searched once. */
function createFinder(text: string, marker: string): (from: number) => number {
  let found = text.indexOf(marker);
  return (from) => {
    if (found !== -1 && found < from) found = text.indexOf(marker, from);
    return found;
  };
}

/**
 * The elements of a document that are its rows: those named like the first one met. An element that is not closed ends
 * where the next one begins, so that it costs one row and not all that follow.
 */
function* segmentsOf(text: string): Generator<Segment> {
  const commentEnd = createFinder(text, '-->');
  const instructionEnd = createFinder(text, '?>');
  const cdataStart = createFinder(text, CDATA_START);
  const cdataEnd = createFinder(text, ']]>');
  const tagEnd = createFinder(text, '>');
  /** -1 when the section that begins there is not closed. */
  const endOfSection = (markup: string, inside: number): number => {
    if (markup === '<!--') return commentEnd(inside);
    if (markup === '<?') return instructionEnd(inside);
    const nextStart = cdataStart(inside);
    const end = cdataEnd(inside);
    // A section that seems to contain another one was not closed; the element it is in is broken.
    return nextStart !== -1 && nextStart < end ? -1 : end;
  };
  let rowName: string | null = null;
  let start: number | null = null;
  const markups = new RegExp(MARKUP);
  for (let match = markups.exec(text); match !== null; match = markups.exec(text)) {
    const inside = markups.lastIndex;
    const [markup, slash, name] = match;
    if (name === undefined) {
      const end = endOfSection(markup, inside);
      if (end !== -1) markups.lastIndex = end;
      continue;
    }
    rowName ??= name;
    if (name !== rowName) continue;
    const closing = tagEnd(inside);
    const after = closing === -1 ? text.length : closing + 1;
    markups.lastIndex = after;
    if (slash === '/') {
      if (start !== null) yield { start, end: after, isClosed: true };
      start = null;
      continue;
    }
    if (start !== null) yield { start, end: match.index, isClosed: false };
    const isEmptyElement = text[after - 2] === '/';
    if (isEmptyElement) yield { start: match.index, end: after, isClosed: true };
    start = isEmptyElement ? null : match.index;
  }
  if (start !== null) yield { start, end: text.length, isClosed: false };
}

/** What the validator says, in words that make sense to people; lines counted in the text it was given. */
function findXmlFault(text: string): { line: number; fault: string } | null {
  const outcome = XMLValidator.validate(text);
  if (outcome === true) return null;
  const { msg, line } = outcome.err;
  const open = /^Invalid '\[([\s\S]{0,2000})\]' found/.exec(msg)?.[1];
  if (open === undefined) return { line, fault: msg.replace(/\.$/, '') };
  const names = [...open.matchAll(/"([^"]{1,100})"/g)].map((name) => `<${name[1] ?? ''}>`);
  return { line: text.split('\n').length, fault: `the text ends inside ${names.join(' ')}` };
}

function rowOfSegment(text: string, place: string, line: number): ParsedRow {
  if (text.length > MAX_ROW_LENGTH) return brokenRow(text, `${place}: it is longer than 4 MiB.`);
  const found = findXmlFault(text);
  if (found !== null) return brokenRow(text, `${place}: line ${line + found.line - 1}, ${found.fault}.`);
  try {
    return rowOfValue(parseXmlItem(text), place, () => text);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read';
    return brokenRow(text, `${place}: ${why.slice(0, 200)}.`);
  }
}

/** What is wrong with the document around its rows; null when nothing is. */
function rowOfFrame(frame: string, rowCount: number): ParsedRow | null {
  if (/^\s*(?:<!doctype\s+html|<html)/i.test(frame)) {
    return brokenRow(frame, 'The document is an HTML page, not a feed.');
  }
  const found = findXmlFault(frame);
  if (found !== null) {
    const line = frame.split('\n', found.line)[found.line - 1] ?? '';
    return brokenRow(line, `The XML document is not well-formed in line ${found.line}: ${found.fault}.`);
  }
  const root = /<([A-Za-z_][\w.:-]*)/.exec(frame.replace(/<!--[\s\S]*?-->/g, ''))?.[1] ?? '';
  if (rowCount > 0 || FEED_ROOT.test(root)) return null;
  return brokenRow(frame, 'The XML document has no item, entry or job elements.');
}

/**
 * The rows of an RSS, Atom or like document, read whole: one for each item, parsed on its own.
 * @throws AppError `payload_too_large`
 */
export async function* xmlRows(input: TextInput): AsyncGenerator<ParsedRow> {
  const text = await readWhole(input.chunks, MAX_DOCUMENT_LENGTH);
  const damage = input.damage();
  const lineAt = createLineCounter(text);
  const frame: string[] = [];
  let count = 0;
  let position = 0;
  let isOpen = false;
  for (const segment of segmentsOf(text)) {
    isOpen = !segment.isClosed && segment.end === text.length;
    // What a cut-off file ends with is reported below, with the cause.
    if (isOpen && damage !== null) break;
    count += 1;
    const line = lineAt(segment.start);
    const place = `Item ${count} (line ${line})`;
    const segmentText = text.slice(segment.start, segment.end);
    yield segment.isClosed
      ? rowOfSegment(segmentText, place, line)
      : brokenRow(segmentText, `${place}: it is not closed.`);
    frame.push(text.slice(position, segment.start), '\n'.repeat(lineAt(segment.end) - line));
    position = segment.end;
  }
  const rest = text.slice(position);
  if (damage !== null) {
    yield brokenRow(rest, `Line ${lineAt(position)}: ${damage}.`);
    return;
  }
  if (isOpen) return;
  const fault = rowOfFrame([...frame, rest].join(''), count);
  if (fault !== null) yield fault;
}
