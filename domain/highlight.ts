import type { Job } from './job';
import type { SearchExpression } from './searchExpression';
import { SEARCHED_PARTS, type SearchedPart } from './searchTerms';
import { tokenize } from './tokenizer';

/** Where a search was found in a job: HTML, the text escaped, matched words between `<em>` and `</em>`. */
export interface Highlight {
  /** Null when nothing in it matched. */
  title: string | null;
  /** The neighbourhood of the first match. */
  description: string | null;
  /** Only those that matched. */
  skills: string[];
}

const EXCERPT_LENGTH = 300;
/** How much of the excerpt stands before the first match. */
const LEAD_LENGTH = 100;
const MAX_HIGHLIGHTED_SKILLS = 100;

/** What stands between separators, with the signs that belong to words such as `C++`, `.NET` and `Node.js`. */
const CHUNK = /[\p{L}\p{N}\p{M}\p{Cf}#♯+.]+/gu;

interface Word {
  start: number;
  end: number;
  tokens: string[];
}

interface SoughtTerms {
  /** Runs of tokens, one directly after the other. */
  runs: string[][];
  prefixes: string[];
}

/** Marks what of the expression, negated terms aside, stands in title, description and skills. */
export function highlight(
  job: Pick<Job, 'title' | 'description' | 'skills' | 'tags'>,
  expression: SearchExpression,
  searchIn: readonly SearchedPart[] = Object.keys(SEARCHED_PARTS) as SearchedPart[],
): Highlight {
  const sought: SoughtTerms = { runs: [], prefixes: [] };
  collect(expression, sought);
  const marked = (part: SearchedPart, text: string) =>
    searchIn.includes(part) ? matchesIn(text, sought) : [];
  const { title, description } = job;
  const inTitle = marked('title', title);
  const inDescription = marked('description', description ?? '');
  const skills = [...new Set([...(job.skills ?? []), ...(job.tags ?? [])])].slice(0, MAX_HIGHLIGHTED_SKILLS);
  return {
    title: inTitle.length > 0 ? mark(title, inTitle) : null,
    description: inDescription.length > 0 ? excerpt(description ?? '', inDescription) : null,
    skills: skills.flatMap((skill) => {
      const found = marked('skills', skill);
      return found.length > 0 ? [mark(skill, found)] : [];
    }),
  };
}

function collect(expression: SearchExpression, sought: SoughtTerms): void {
  switch (expression.kind) {
    case 'word':
      sought.runs.push([expression.token]);
      break;
    case 'phrase':
      sought.runs.push(expression.tokens);
      break;
    case 'prefix':
      sought.prefixes.push(expression.token);
      sought.runs.push([expression.stem]);
      break;
    case 'and':
    case 'or':
      for (const part of expression.parts) collect(part, sought);
      break;
    case 'not':
      break;
  }
}

interface Span {
  start: number;
  end: number;
}

function matchesIn(text: string, { runs, prefixes }: SoughtTerms): Span[] {
  const words = wordsOf(text);
  const tokens = words.flatMap((word) => word.tokens.map((token) => ({ token, word })));
  const hits = new Set<Word>();
  tokens.forEach(({ token, word }, index) => {
    if (prefixes.some((prefix) => token.startsWith(prefix))) hits.add(word);
    for (const run of runs) {
      if (token !== run[0]) continue;
      const found = tokens.slice(index, index + run.length);
      if (found.length === run.length && found.every((each, place) => each.token === run[place])) {
        for (const each of found) hits.add(each.word);
      }
    }
  });
  return words.filter((word) => hits.has(word));
}

function wordsOf(text: string): Word[] {
  return [...text.matchAll(CHUNK)].flatMap((match) => {
    const tokens = tokenize(match[0]);
    if (tokens.length === 0) return [];
    const trimmed = trimDots(match[0], tokens);
    const start = match.index + match[0].indexOf(trimmed);
    return [{ start, end: start + trimmed.length, tokens }];
  });
}

/** Without the dots that end or begin a sentence rather than belong to the word. */
function trimDots(chunk: string, tokens: readonly string[]): string {
  const shorter = chunk.replace(/^\.+|\.+$/g, '');
  if (shorter === chunk) return chunk;
  const isSame = tokenize(shorter).join(' ') === tokens.join(' ');
  return isSame ? shorter : chunk.replace(/\.+$/, '');
}

function mark(text: string, spans: readonly Span[]): string {
  let html = '';
  let end = 0;
  for (const span of spans) {
    html += `${escapeHtml(text.slice(end, span.start))}<em>${escapeHtml(text.slice(span.start, span.end))}</em>`;
    end = span.end;
  }
  return html + escapeHtml(text.slice(end));
}

/** About 300 characters, cut between words. */
function excerpt(text: string, spans: readonly Span[]): string {
  const first = spans[0]?.start ?? 0;
  const from = first <= LEAD_LENGTH ? 0 : cutAfterBlank(text, first - LEAD_LENGTH, first);
  const to = Math.max(cutBeforeBlank(text, from + EXCERPT_LENGTH), spans[0]?.end ?? 0);
  const within = spans
    .filter(({ end }) => end <= to)
    .map(({ start, end }) => ({ start: start - from, end: end - from }));
  return `${from > 0 ? '… ' : ''}${mark(text.slice(from, to), within)}${to < text.length ? ' …' : ''}`;
}

function cutAfterBlank(text: string, wanted: number, latest: number): number {
  const blank = text.slice(wanted, latest).search(/\s\S/);
  return blank < 0 ? safeCut(text, wanted) : wanted + blank + 1;
}

function cutBeforeBlank(text: string, wanted: number): number {
  if (wanted >= text.length) return text.length;
  const blank = text.lastIndexOf(' ', wanted);
  return blank < wanted - LEAD_LENGTH ? safeCut(text, wanted) : blank;
}

/** Never between the halves of a surrogate pair. */
function safeCut(text: string, at: number): number {
  return /[\uD800-\uDBFF]/.test(text.charAt(at - 1)) ? at - 1 : at;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
