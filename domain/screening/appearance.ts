import type { JobContent } from '../job';
import { decimalAmount, toDecimal } from '../money';
import { evidenceOf, type FoldedText, IS_ASCII, shorten } from './foldedText';
import { findPhrase, NEGATED, type Phrase } from './phrases';

/** What a signal found in the manner of a posting. */
export interface Finding {
  evidence: string;
  strength: number;
}

const MIN_LETTERS = 80;
const MIN_EMOJI = 8;
const EMOJI = /\p{Extended_Pictographic}/gu;
/** Marks that lists and headings are made with. */
const BULLETS: ReadonlySet<string> = new Set('✅✔❌☑➡▶🔹🔸★☆✓📌📍©®™');

/** Mostly capitals, or flooded with emoji: 0 at a third of the letters or one emoji in 100 characters, 1 at twice of that. */
export function findShouting({ original }: FoldedText): Finding | null {
  const { upper, letters } = countCase(original);
  const capitals = letters >= MIN_LETTERS ? Math.min(1, Math.max(0, upper / letters / 0.35 - 1)) : 0;
  const emoji = IS_ASCII.test(original)
    ? []
    : (original.match(EMOJI) ?? []).filter((character) => !BULLETS.has(character));
  const density = (100 * emoji.length) / Math.max(original.length, 1);
  const flood = emoji.length >= MIN_EMOJI ? Math.min(1, Math.max(0, density - 1)) : 0;
  const strength = Math.max(capitals, flood);
  if (strength <= 0) return null;
  if (flood >= capitals) return { evidence: shorten(emoji.join(' ')), strength };
  return { evidence: shorten(`${Math.round((100 * upper) / letters)} % capitals: ${original}`), strength };
}

/** Capitals and letters of the Latin alphabet without accents. */
function countCase(text: string): { upper: number; letters: number } {
  let upper = 0;
  let lower = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 0x61 && code <= 0x7a) lower += 1;
    else if (code >= 0x41 && code <= 0x5a) upper += 1;
  }
  return { upper, letters: upper + lower };
}

/** Words of Latin letters mixed with lookalikes of another script: one may be a slip, four are none. */
export function findMixedScript({ mixedScriptWords }: FoldedText): Finding | null {
  if (mixedScriptWords.length === 0) return null;
  return {
    evidence: shorten(mixedScriptWords.join(' ')),
    strength: Math.min(1, mixedScriptWords.length / 4),
  };
}

/** What the least pay is that is too good for work that takes no skill, in units of the currency. */
const GENEROUS_PAY: Readonly<Record<string, number>> = { hour: 30, day: 200, week: 800, month: 5000 };
const PAY =
  /(?:[$€£] ?(\d[\d,.]{0,7})(k?)|\b(\d[\d,.]{0,7})(k?) ?(?:\$|€|£|usd\b|dollars?\b|euros?\b))(?: \w{1,10}){0,2}? ?(?:per |a |an |every |each |for each (?:\w{1,10} of )?|\/ ?)?(hour|hr|hourly|day|daily|week|weekly|month|monthly|logo|task)\b/g;
const NO_SKILL: Phrase[] = [
  {
    pattern:
      /\b(?:no|without|zero)(?: (?:prior|previous|special|any))? (?:experience|skills?|knowledge|qualifications?|interviews?|resumes?|portfolio|tests?|coding|code|degree)(?: (?:is |are )?(?:needed|required|necessary|at all))?\b|\bany(?:one|body) can\b|\bany level (?:is )?welcome\b|\b(?:housewives|students)(?: \w{1,10}){0,4} (?:are )?welcome\b|\bbeginners? (?:are )?welcome\b/g,
    strength: 1,
    unlessAfter: [/^ (?:in|with|of|on) (?!(?:it|this)\b)/],
  },
];
const EFFORTLESS: Phrase[] = [
  {
    pattern:
      /\b(?:only|just) (?:\d{1,2}|one|two|a few) (?:hours?|hrs?|minutes) (?:per|a|each|every)? ?(?:day|daily)\b|\bwork(?:ing)? from home\b|\bcopy[ -]?(?:and )?[ -]?paste\b|\b(?:typing|data entry|form filling|retype|clicking)\b|\b(?:easy|simple) (?:money|jobs?|work|tasks?|data)\b|\bno boss\b|\bfinancial freedom\b|\bpassive income\b|\bbe your own boss\b|\byou do nothing\b|\bvery simple\b/g,
    strength: 1,
    unlessBefore: [NEGATED],
  },
];

/** Pay that no work without skill earns, offered to anyone. Two of pay, no skill and no effort are suspicious, three more so. */
export function findTooGoodPay(text: FoldedText, content: JobContent): Finding | null {
  const pay = statedPay(text) ?? budgetedPay(content);
  if (pay === null) return null;
  const noSkill = findPhrase(text, NO_SKILL);
  const effortless = findPhrase(text, EFFORTLESS);
  if (noSkill === null && effortless === null) return null;
  const found = [pay, noSkill?.evidence, effortless?.evidence].filter((piece) => piece !== undefined);
  const strength = noSkill !== null && effortless !== null ? 1 : noSkill !== null ? 0.75 : 0.4;
  return { evidence: shorten(found.join(' … ')), strength };
}

function statedPay(text: FoldedText): string | null {
  let count = 0;
  for (const match of text.folded.matchAll(PAY)) {
    const amount =
      Number((match[1] ?? match[3] ?? '').replace(/,/g, '')) * ((match[2] ?? match[4]) === 'k' ? 1000 : 1);
    const unit = unitOf(match[5] ?? '');
    if (amount >= (GENEROUS_PAY[unit] ?? 200)) {
      return evidenceOf(text, match.index, match.index + match[0].length);
    }
    count += 1;
    if (count >= 20) break;
  }
  return null;
}

function unitOf(word: string): string {
  if (word.startsWith('h')) return 'hour';
  if (word === 'daily') return 'day';
  return word.replace(/ly$/, '');
}

function budgetedPay({ hourlyBudget, contractorTier }: JobContent): string | null {
  const minimum = hourlyBudget?.minMinor ?? null;
  if (hourlyBudget === null || minimum === null || contractorTier !== 1) return null;
  const rate = toDecimal(minimum, hourlyBudget.currency);
  if (hourlyBudget.currency !== 'USD' || rate < (GENEROUS_PAY['hour'] ?? 0)) return null;
  return `${rate} ${hourlyBudget.currency} per hour, entry level`;
}

/** The fixed price, else the highest hourly rate, in units of the currency; for the signals about clients. */
export function largestAmount({ budget, hourlyBudget }: JobContent): {
  fixed: number | null;
  hourly: number | null;
} {
  const highest = hourlyBudget?.maxMinor ?? hourlyBudget?.minMinor ?? null;
  return {
    fixed: budget === null ? null : decimalAmount(budget),
    hourly: hourlyBudget === null || highest === null ? null : toDecimal(highest, hourlyBudget.currency),
  };
}
