import { createHash } from 'node:crypto';
import type { SearchExpression } from '../../domain/searchExpression';
import { type SearchableContent, type TermWeight, visitTerms } from '../../domain/searchTerms';

/** What begins like this is encoded; no English word does. */
const MARK = 'zq';
/** Words of these alone Meilisearch takes as they are: one word, nothing changed. */
const PLAIN = /^(?!zq)[a-z0-9]{1,200}$/;
/** Meilisearch leaves out words above 250 bytes. */
const MAX_ENCODED_LENGTH = 240;

/** Terms above these Meilisearch does not look at; those of more than two words it matches loosely, pair by pair. */
const MAX_QUERY_TERMS = 10;
const MAX_PHRASE_LENGTH = 2;

/**
 * A text of any script and sign as one word that Meilisearch's tokenizer leaves alone, different for different texts: `c++` is
 * `zq632b2b`. For values that filters compare, too: Meilisearch would take `ﬁ` for `fi` there.
 */
export function encodeWord(text: string): string {
  if (PLAIN.test(text)) return text;
  const encoded = `${MARK}${Buffer.from(text, 'utf8').toString('hex')}`;
  if (encoded.length <= MAX_ENCODED_LENGTH) return encoded;
  return `${MARK}h${createHash('sha256').update(text).digest('hex')}`;
}

/** The text that was encoded; null where only a digest of it is left. */
export function decodeWord(word: string): string | null {
  if (!word.startsWith(MARK)) return word;
  const hex = word.slice(MARK.length);
  return /^([0-9a-f]{2})+$/.test(hex) ? Buffer.from(hex, 'hex').toString('utf8') : null;
}

/** The words of a job as one text per part, in order; a `. ` keeps phrases from reaching across. */
export function indexedTexts(content: SearchableContent): Record<TermWeight, string> {
  const texts: Record<TermWeight, string> = { A: '', B: '', C: '', D: '' };
  const ends: Record<TermWeight, number> = { A: 0, B: 0, C: 0, D: 0 };
  visitTerms(content, (token, position, weight) => {
    const separator = texts[weight] === '' ? '' : position === ends[weight] + 1 ? ' ' : '. ';
    texts[weight] += separator + encodeWord(token);
    ends[weight] = position;
  });
  return texts;
}

/**
 * The query that finds just what the expression means, each term in quotation marks, which switches off prefixes and typing
 * errors; null where Meilisearch cannot tell exactly.
 */
export function toQuery(expression: SearchExpression): string | null {
  const terms = expression.kind === 'and' ? expression.parts : [expression];
  if (terms.length > MAX_QUERY_TERMS) return null;
  const quoted = terms.map(toQuotedTerm);
  return quoted.includes(null) ? null : quoted.join(' ');
}

function toQuotedTerm(term: SearchExpression): string | null {
  switch (term.kind) {
    case 'word':
      return `"${encodeWord(term.token)}"`;
    case 'phrase':
      return term.tokens.length <= MAX_PHRASE_LENGTH ? `"${term.tokens.map(encodeWord).join(' ')}"` : null;
    // Meilisearch has neither OR nor groups in a query, and prefixes are switched off in our settings.
    case 'prefix':
    case 'and':
    case 'or':
    case 'not':
      return null;
  }
}
