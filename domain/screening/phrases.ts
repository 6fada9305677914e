import { evidenceOf, type FoldedText, surroundingsOf } from './foldedText';

/** What betrays something, where it is written in a way that does. */
export interface Phrase {
  /** Read against the folded text, with the flag `g`. Every repetition in it is bounded, so that its cost stays linear. */
  pattern: RegExp;
  /** Word beginnings as in `phraseFinder`, one of which the phrase holds; where there are none, it is not looked for. */
  stems?: string;
  /** 0 to 1: how surely the phrase means what the signal says. */
  strength: number;
  /** Honest when this is found in the sentence before the phrase. */
  unlessBefore?: RegExp[];
  /** Honest when this is found in the sentence after the phrase. */
  unlessAfter?: RegExp[];
  /** Honest when this is found anywhere in the sentence, the phrase included. */
  unlessSentence?: RegExp[];
  /** Counts only when this is found in the sentence, the phrase included. */
  needs?: RegExp;
}

export interface PhraseHit {
  evidence: string;
  strength: number;
  start: number;
  end: number;
}

const MAX_MATCHES = 20;

/** The strongest phrase that is found in a telling context; null when none is. */
export function findPhrase(text: FoldedText, phrases: readonly Phrase[]): PhraseHit | null {
  let best: PhraseHit | null = null;
  for (const phrase of phrases) {
    if (best !== null && phrase.strength <= best.strength) continue;
    if (phrase.stems !== undefined && !hasStem(text, stemList(phrase.stems))) continue;
    const span = firstTelling(text, phrase);
    if (span === null) continue;
    best = { evidence: evidenceOf(text, span.start, span.end), strength: phrase.strength, ...span };
  }
  return best;
}

/**
 * Looks for phrases each of which holds a word that begins as one of `stems` (the first four letters, or a shorter word, with
 * blanks between): a text without any is not read further, nor is one without the clue.
 */
export function phraseFinder(
  stems: string,
  phrases: readonly Phrase[],
  clue?: RegExp,
): (text: FoldedText) => PhraseHit | null {
  return (text) => {
    if (!hasStem(text, stemList(stems)) || clue?.test(text.folded) === false) return null;
    return findPhrase(text, phrases);
  };
}

const stemLists = new Map<string, string[]>();

/** Each of the lists in the code split once. */
function stemList(stems: string): string[] {
  const known = stemLists.get(stems);
  if (known) return known;
  const list = stems.split(' ');
  stemLists.set(stems, list);
  return list;
}

export function hasStem({ stems }: FoldedText, list: readonly string[]): boolean {
  return list.some((stem) => stems.has(stem));
}

function firstTelling(text: FoldedText, phrase: Phrase): { start: number; end: number } | null {
  let count = 0;
  for (const match of text.folded.matchAll(phrase.pattern)) {
    const span = { start: match.index, end: match.index + match[0].length };
    if (isTelling(text, phrase, span, match[0])) return span;
    count += 1;
    if (count >= MAX_MATCHES) break;
  }
  return null;
}

function isTelling(
  text: FoldedText,
  phrase: Phrase,
  { start, end }: { start: number; end: number },
  matched: string,
): boolean {
  const { before, after } = surroundingsOf(text, start, end);
  const sentence = `${before}${matched}${after}`;
  const isFound = (patterns: RegExp[] | undefined, where: string): boolean =>
    patterns?.some((pattern) => pattern.test(where)) ?? false;
  if (phrase.needs && !phrase.needs.test(sentence)) return false;
  return !(
    isFound(phrase.unlessBefore, before) ||
    isFound(phrase.unlessAfter, after) ||
    isFound(phrase.unlessSentence, sentence)
  );
}

/** A phrase is forbidden or ruled out: "never message us on ...", read up to where the phrase begins. */
export const NEGATED =
  /\b(?:do(?:es)? not|don'?t|never|no|not|without|nor|neither|avoid|refuse|won'?t|cannot|can'?t|stop|instead of|anyone (?:who|asking)|if you)(?: (?!here\b)[\w'/-]+){0,6} ?$/;
/** The sentence says what happens to those who do it. */
export const REFUSED =
  /\b(?:report(?:ed|ing)|reject(?:ed|ion)?|ignored|declined|disqualif\w+|blocked|banned|flagged|against (?:the |our )?(?:upwork|platform|polic|terms|tos|rules)|violat\w+|not (?:accept|allow|tolerat|permit)\w*|prohibited|forbidden|immediate rejection)/;
/** Others than the reader do it: what is to be built is described. */
export const OF_OTHERS =
  /\b(?:customers?|clients?|users?|visitors?|patients?|guests?|members?|students?|leads|tenants?|renters?|buyers?|sellers?|drivers?|people|subscribers?|prospects?|shoppers?|readers?|parents?|players?|citizens|employees|candidates can|they|bot|chatbot|app|button|widget|form|feature|system|module|integration|agents?)\b[^,;]{0,60}$/;
/** A product is described. */
export const OF_PRODUCT =
  /\b(?:api|module|plug-?in|apps?|application|software|website|web ?site|web ?page|landing page|features?|functionality|dashboard|ui|ux|figma|chat ?bots?|bots?|automation|automate|script|crm|erp|saas|checkout|gateway|widget|back ?end|front ?end|database|extension|scraper|workflow|integrat\w+|develop(?:er|ers|ing|ment)?|implement\w*|n8n|zapier|make\.com|twilio|stripe connect)\b/;
