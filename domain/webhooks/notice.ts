import type { JobView } from '../jobView';

/** An event in words, for services that show it to people. */
export interface Notice {
  /** What has happened: `New job`. */
  heading: string;
  /** What it is about, in a line that is not empty. */
  title: string;
  url: string | null;
  /** May be long, and of several lines. Null instead of nothing. */
  text: string | null;
  /** Each has a value. */
  facts: readonly Fact[];
  /** Null where it is about no job. */
  job: JobView | null;
  /** Names of the saved searches that the job matches. */
  savedSearches: readonly string[];
}

export interface Fact {
  name: string;
  value: string;
}

export interface SavedSearchName {
  id: string;
  name: string;
}

/** They turn the direction of the text that follows, beyond the text that has them. */
const DIRECTION_MARKS = /[\u202a-\u202e\u2066-\u2069]/g;
/** Made once, for making one takes longer than all else here. */
const NUMBERS = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
const SHOWN_SKILLS = 15;
const SHOWN_SEARCHES = 5;

/** What is told of a job, in words. */
export function jobNotice(
  heading: string,
  {
    job,
    searches,
    changed = [],
  }: { job: JobView; searches: readonly SavedSearchName[]; changed?: readonly string[] },
): Notice {
  const names = searches.map(({ name }) => name);
  return {
    heading,
    title: job.title,
    url: job.url,
    text: job.description,
    facts: [
      { name: 'Saved search', value: listed(names, SHOWN_SEARCHES) },
      { name: 'Changed', value: changed.map((field) => field.replaceAll('_', ' ')).join(', ') },
      { name: 'Pay', value: pay(job) },
      { name: 'Type', value: joined([job.job_type_label, job.contractor_tier_label]) },
      { name: 'Duration', value: joined([job.duration_label, job.workload ?? job.engagement]) },
      { name: 'Category', value: job.category?.name ?? '' },
      { name: 'Skills', value: listed(job.skills, SHOWN_SKILLS) },
      { name: 'Client', value: client(job) },
      { name: 'Proposals', value: job.proposals_tier ?? '' },
      { name: 'Posted', value: shownTime(job.posted_on) },
    ],
    job,
    savedSearches: names,
  };
}

/** What is told of something else than a job. */
export function plainNotice(heading: string, title: string, text: string | null = null): Notice {
  return { heading, title, url: null, text, facts: [], job: null, savedSearches: [] };
}

/** The same without what could disturb the text around it. */
export function tidyNotice(notice: Notice): Notice {
  return {
    ...notice,
    title: tidyLine(notice.title) || notice.heading,
    text: tidyText(notice.text ?? '') || null,
    facts: notice.facts
      .map(({ name, value }) => ({ name, value: tidyLine(value) }))
      .filter(({ value }) => value !== ''),
  };
}

/** `2026-01-20 09:00 UTC` */
export function shownTime(timestamp: string): string {
  return `${timestamp.slice(0, 16).replace('T', ' ')} UTC`;
}

/** `12,400` */
export function grouped(amount: number): string {
  return NUMBERS.format(amount);
}

function pay({ budget, hourly_budget: hourly }: JobView): string {
  if (budget) return `${grouped(budget.fixed_amount)} ${budget.currency}`;
  if (!hourly) return '';
  const { min, max, currency } = hourly;
  if (min !== null && max !== null && min !== max)
    return `${grouped(min)} to ${grouped(max)} ${currency} an hour`;
  if (min !== null && max === null) return `from ${grouped(min)} ${currency} an hour`;
  if (max === null) return '';
  return min === null ? `up to ${grouped(max)} ${currency} an hour` : `${grouped(max)} ${currency} an hour`;
}

function client({ buyer }: JobView): string {
  return joined([
    joined([buyer.city, buyer.country]),
    buyer.payment_verified ? 'payment verified' : null,
    buyer.total_spent === null ? null : `${grouped(buyer.total_spent)} USD spent`,
    buyer.total_jobs_with_hires === null ? null : `${grouped(buyer.total_jobs_with_hires)} hires`,
    buyer.score === null ? null : `rated ${grouped(buyer.score)}`,
  ]);
}

function joined(parts: readonly (string | null)[]): string {
  return parts.filter(Boolean).join(', ');
}

function listed(entries: readonly string[], most: number): string {
  const shown = entries.slice(0, most).join(', ');
  return entries.length > most ? `${shown} and ${grouped(entries.length - most)} more` : shown;
}

function tidyText(text: string): string {
  return text.toWellFormed().replace(DIRECTION_MARKS, '').trim();
}

function tidyLine(text: string): string {
  return tidyText(text).replace(/\s+/g, ' ');
}
