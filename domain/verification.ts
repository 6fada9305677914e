import { creationMillisOfUid, derivedIdentity, identitiesConflict, statedIdentities } from './identity';
import type { Hash, Identity } from './identity';
import type { JobContent } from './job';
import type { MappedPosting } from './mapping/applyMapping';
import { decimalAmount, toDecimal } from './money';
import { addMillis, HOUR_MS, type Timestamp, toTimestamp } from './time';
import { type Finding, type RuleId, RULES } from './verificationRules';

export interface VerificationContext {
  now: Timestamp;
  sourceId: string;
  /** Moves every time of the posting, for demonstrations; 0 leaves them. */
  shiftMs: number;
  hash: Hash;
}

export interface Verification {
  accepted: boolean;
  /** Empty only when the row was refused for want of any. */
  identities: Identity[];
  content: JobContent;
  /** Everything found, hard findings first in `rules`. */
  findings: Finding[];
  flags: RuleId[];
  qualityScore: number;
}

/** The day oDesk became Upwork. */
const UPWORK_BEGAN: Timestamp = '2015-05-05T00:00:00.000Z';
const FUTURE_SKEW_MS = HOUR_MS;

/** Above these, in whole units of any currency, a figure is a slip and no offer. */
const ABSURD_BUDGET = 10_000_000;
const ABSURD_HOURLY_RATE = 10_000;
const ABSURD_SPENT = 10_000_000_000;

/** Checks a mapped posting by the rules of inclusion. Pure: the same posting gives the same findings. */
export function verify(posting: MappedPosting, context: VerificationContext): Verification {
  const content = shiftTimes(withTimesOfUid(posting), context.shiftMs);
  const findings = posting.findings.filter(
    (finding) => finding.rule !== 'posting_time_unresolvable' || content.postedOn === null,
  );
  const find = (rule: RuleId, message: string, field: string | null = null, raw: string | null = null) =>
    findings.push({ rule, field, raw, message });

  const identities = findIdentities(posting, context, find);
  checkText(posting, identities, find);
  checkPostingTime(content, findings, context.now, find);
  checkMoney(content, find);
  for (const rule of contentFlags(content, posting.providesDescription)) {
    if (!findings.some((finding) => finding.rule === rule)) find(rule, RULES[rule].summary);
  }

  const flags = unique(findings.map((finding) => finding.rule).filter((rule) => !RULES[rule].hard));
  return {
    accepted: findings.every((finding) => !RULES[finding.rule].hard),
    identities,
    content,
    findings,
    flags,
    qualityScore: qualityScore(flags),
  };
}

type Find = (rule: RuleId, message: string, field?: string | null, raw?: string | null) => void;

/** A uid carries its creation time: it fills in for a row that states none. */
function withTimesOfUid(posting: MappedPosting): JobContent {
  const uid = statedIdentities(posting).find((identity) => identity.kind === 'uid')?.value;
  const millis = uid === undefined ? null : creationMillisOfUid(uid);
  if (millis === null) return posting.content;
  const createdOn = posting.content.createdOn ?? toTimestamp(millis);
  return { ...posting.content, createdOn, postedOn: posting.content.postedOn ?? createdOn };
}

function shiftTimes(content: JobContent, shiftMs: number): JobContent {
  if (shiftMs === 0) return content;
  const shift = (time: Timestamp | null) => (time === null ? null : addMillis(time, shiftMs));
  return {
    ...content,
    postedOn: shift(content.postedOn),
    createdOn: shift(content.createdOn),
    renewedOn: shift(content.renewedOn),
    lastBuyerActivity: shift(content.lastBuyerActivity),
  };
}

function findIdentities(posting: MappedPosting, context: VerificationContext, find: Find): Identity[] {
  if (identitiesConflict(posting)) {
    find(
      'identity_conflict',
      `The row says uid ${String(posting.uid)} and ciphertext ${String(posting.ciphertext)}: two postings.`,
      'uid',
      posting.uid,
    );
    return [];
  }
  const stated = statedIdentities(posting);
  if (stated.length > 0) return stated;
  const { title, description } = posting.content;
  if (title === null) {
    find('identity_missing', 'The row has no uid, no Upwork address and no title to derive an id from.');
    return [];
  }
  find('id_derived', RULES.id_derived.summary);
  return [derivedIdentity(context.sourceId, title, description ?? '', context.hash)];
}

function checkText(posting: MappedPosting, identities: Identity[], find: Find): void {
  const { title, description, jobType, isPrivate } = posting.content;
  if (title === null && description === null && jobType === null && identities.length > 0) {
    // One cause, one reason: naming every field that a failed scrape lacks would hide it.
    find('scrape_failed', RULES.scrape_failed.summary);
    return;
  }
  if (title === null) find('title_missing', RULES.title_missing.summary, 'title');
  if (description === null && posting.providesDescription && isPrivate !== true) {
    find('description_empty', RULES.description_empty.summary, 'description');
  }
}

function checkPostingTime(content: JobContent, findings: Finding[], now: Timestamp, find: Find): void {
  const { postedOn } = content;
  if (postedOn === null) {
    if (!findings.some((finding) => finding.rule === 'posting_time_unresolvable')) {
      find('posting_time_missing', RULES.posting_time_missing.summary, 'posted_on');
    }
    return;
  }
  if (postedOn > addMillis(now, FUTURE_SKEW_MS)) {
    find('posting_time_future', `The posting time ${postedOn} lies after ${now}.`, 'posted_on', postedOn);
  }
  if (postedOn < UPWORK_BEGAN) {
    find(
      'posting_time_before_upwork',
      `The posting time ${postedOn} lies before Upwork began.`,
      'posted_on',
      postedOn,
    );
  }
}

function checkMoney(content: JobContent, find: Find): void {
  const { budget, hourlyBudget, buyerTotalSpent } = content;
  const check = (field: string, amount: number, absurd: number) => {
    if (amount < 0) find('money_negative', `${field} is below zero.`, field, String(amount));
    if (amount > absurd) find('money_absurd', `${field} is above ${absurd}.`, field, String(amount));
  };
  if (budget) check('budget', decimalAmount(budget), ABSURD_BUDGET);
  if (buyerTotalSpent) check('buyer.total_spent', decimalAmount(buyerTotalSpent), ABSURD_SPENT);
  if (!hourlyBudget) return;
  const { minMinor, maxMinor, currency } = hourlyBudget;
  for (const end of [minMinor, maxMinor]) {
    if (end !== null) check('hourly_budget', toDecimal(end, currency), ABSURD_HOURLY_RATE);
  }
  if (minMinor !== null && maxMinor !== null && minMinor > maxMinor) {
    find(
      'money_range_inverted',
      'The lower end of the hourly range is above its upper end.',
      'hourly_budget',
      `${toDecimal(minMinor, currency)}-${toDecimal(maxMinor, currency)}`,
    );
  }
}

/** Soft findings that a job's content shows by itself; told anew when sources are merged. */
function contentFlags(content: JobContent, descriptionRequired = false): RuleId[] {
  const flags: RuleId[] = [];
  if (content.category !== null && content.category.group === null) flags.push('category_unknown');
  if (content.description === null && !descriptionRequired) flags.push('description_missing');
  if (content.budget === null && content.hourlyBudget === null) flags.push('budget_missing');
  if (content.buyerCountry === null) flags.push('country_unknown');
  return flags;
}

const CONTENT_FLAGS: ReadonlySet<string> = new Set<RuleId>([
  'category_unknown',
  'description_missing',
  'budget_missing',
  'country_unknown',
]);

/** Flags of a merged job: what its content shows now, and what rows were flagged with besides. */
export function mergedFlags(content: JobContent, rowFlags: readonly string[]): string[] {
  return unique([...contentFlags(content), ...rowFlags.filter((flag) => !CONTENT_FLAGS.has(flag))]);
}

/** 1 for a posting without findings, less the penalty of each flag; two decimals. */
export function qualityScore(flags: readonly string[]): number {
  const penalties = flags.map((flag) => (flag in RULES ? RULES[flag as RuleId].penalty : 0));
  return Math.max(0, Math.round((1 - penalties.reduce((sum, penalty) => sum + penalty, 0)) * 100) / 100);
}

function unique<T>(values: T[]): T[] {
  return [...new Set(values)];
}
