import { categoryPath } from './categories';
import type { Job } from './job';
import { jobFacts } from './jobFilter';
import { searchTerms } from './searchTerms';

/** How many jobs there are, and what shares of them hold words and skills, as far as they were counted. */
export interface Rarity {
  /** Jobs in all; 0 when nothing was counted yet. */
  jobs: number;
  /** Share by word, as `searchTerms` has it; what is missing is rarer than any that was counted. */
  shareOfWord: ReadonlyMap<string, number>;
  /** Jobs by skill. */
  jobsOfSkill: ReadonlyMap<string, number>;
}

interface Weighted {
  value: string;
  weight: number;
}

/** What other jobs are compared with: the parts by which they resemble a job. */
export interface Likeness {
  skills: Weighted[];
  /** Sets of skills that few jobs hold whole: what candidates are looked up by. */
  skillProbes: string[][];
  /** Few words of title and description that few jobs hold. */
  words: Weighted[];
  category: { slug: string; path: string[]; groupSlug: string } | null;
  /** What each part weighs; together 1, a part that the job lacks 0. */
  shares: { skills: number; category: number; words: number };
}

const SHARES = { skills: 0.5, category: 0.2, words: 0.3 } as const;

/** Of a long description, the beginning tells enough. */
const MAX_WORDS_WEIGHED = 500;
const MAX_WORDS = 16;
/** Jobs that the words together may bring in, by what was counted: it bounds the work of the database. */
const MAX_JOBS_BY_WORDS = 2_000;
/** Words of a larger share of the jobs say nothing of what a job is about. */
const MAX_WORD_SHARE = 0.1;
const TITLE_FACTOR = 2;
const MAX_SKILLS = 30;
/** A skill of no more jobs finds candidates alone, others in pairs. */
const RARE_SKILL_JOBS = 500;
const MAX_RARE_SKILLS = 4;
/** Of three skills there are three pairs. */
const MAX_PAIRED_SKILLS = 3;

/** The words (as `searchTerms` has them) and skills of a job whose rarity `likenessOf` asks for. */
export function termsToWeigh(job: Job): { words: string[]; skills: string[] } {
  return { words: wordsOf(job).map(({ value }) => value), skills: jobFacts(job).skillSet };
}

/** What makes a job the one it is: rare skills and words weigh most. */
export function likenessOf(job: Job, rarity: Rarity): Likeness {
  const skills = weighSkills(job, rarity);
  const words = chooseWords(job, rarity);
  const { category } = job;
  const parts = {
    skills: skills.length > 0 ? SHARES.skills : 0,
    category: category?.groupSlug ? SHARES.category : 0,
    words: words.length > 0 ? SHARES.words : 0,
  };
  const sum = parts.skills + parts.category + parts.words || 1;
  return {
    skills,
    skillProbes: skillProbes(
      skills.map(({ value }) => value),
      rarity,
    ),
    words,
    category: category?.groupSlug
      ? { slug: category.slug, path: categoryPath(category.slug), groupSlug: category.groupSlug }
      : null,
    shares: { skills: parts.skills / sum, category: parts.category / sum, words: parts.words / sum },
  };
}

/** Rarest first. */
function weighSkills(job: Job, { jobs, jobsOfSkill }: Rarity): Weighted[] {
  return jobFacts(job)
    .skillSet.map((value) => ({ value, weight: weightOf((jobsOfSkill.get(value) ?? 1) / Math.max(jobs, 1)) }))
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MAX_SKILLS);
}

function skillProbes(skills: readonly string[], { jobsOfSkill }: Rarity): string[][] {
  const isRare = (skill: string) => (jobsOfSkill.get(skill) ?? 0) <= RARE_SKILL_JOBS;
  const alone = skills.filter(isRare).slice(0, MAX_RARE_SKILLS);
  const frequent = skills.filter((skill) => !isRare(skill)).slice(0, MAX_PAIRED_SKILLS);
  const pairs = frequent.flatMap((skill, place) => frequent.slice(place + 1).map((other) => [skill, other]));
  return [...alone.map((skill) => [skill]), ...pairs];
}

/** The rarest words, while few jobs hold them. Those of the title count double. */
function chooseWords(job: Job, { jobs, shareOfWord }: Rarity): Weighted[] {
  // Where nothing was counted, any word may be rare.
  const rarestShare = Math.min(...shareOfWord.values(), MAX_WORD_SHARE) / 2;
  const found = wordsOf(job)
    .map((word) => ({ ...word, share: shareOfWord.get(word.value) ?? rarestShare }))
    .filter(({ share }) => share <= MAX_WORD_SHARE)
    .map(({ value, isInTitle, share }) => {
      return { value, expectedJobs: share * jobs, weight: weightOf(share) * (isInTitle ? TITLE_FACTOR : 1) };
    })
    .sort((a, b) => b.weight - a.weight);
  const chosen: Weighted[] = [];
  let expectedJobs = 0;
  for (const word of found) {
    if (chosen.length >= MAX_WORDS) break;
    if (expectedJobs + word.expectedJobs > MAX_JOBS_BY_WORDS) continue;
    expectedJobs += word.expectedJobs;
    chosen.push({ value: word.value, weight: word.weight });
  }
  return chosen;
}

function wordsOf(job: Job): { value: string; isInTitle: boolean }[] {
  return [...searchTerms(job)]
    .map(([value, places]) => ({ value, weights: new Set(places.map(({ weight }) => weight)) }))
    .filter(({ weights }) => weights.has('A') || weights.has('C'))
    .slice(0, MAX_WORDS_WEIGHED)
    .map(({ value, weights }) => ({ value, isInTitle: weights.has('A') }));
}

/** Of what a share of the jobs holds: the rarer, the more; never 0. */
function weightOf(share: number): number {
  return Math.log(1 + 1 / Math.min(Math.max(share, 1e-9), 1));
}
