import { z } from 'zod';
import { highlight } from '../domain/highlight';
import type { Job } from '../domain/job';
import type { ParsedJobQuery } from '../domain/jobFilter';
import { chooseFields, chosenJobViewSchema, jobViewSchema, toJobView } from '../domain/jobView';
import type { Timestamp } from '../domain/time';
import type { EmptyResultHints, FoundJobs } from '../search/findJobs';
import { listBody, searchSchema } from './envelope';
import { exampleJobView } from './examples';

/** What routes that search say of their answers. */
export const foundJobsAnswer = {
  response: searchSchema(z.union([jobViewSchema, chosenJobViewSchema])),
  example: listBody({
    items: [{ ...exampleJobView, searchable_at: null }],
    total: 1,
    totalIsExact: true,
    nextCursor: null,
    warnings: [],
  }),
  responseHeaders: { 'X-Search-Engine': 'The engine that answered: `postgres` or `meilisearch`.' },
} as const;

export function engineHeaders({ engine }: FoundJobs) {
  return { 'X-Search-Engine': engine };
}

/** Body of a page of what was found, before the stamp. */
export function foundJobsBody(found: FoundJobs, { query, now }: { query: ParsedJobQuery; now: Timestamp }) {
  const { facets, hints } = found;
  return {
    ...listBody({
      items: found.jobs.map((job) => viewOf(job, found, { query, now })),
      total: found.total,
      totalIsExact: found.totalIsExact,
      nextCursor: found.nextCursor,
      warnings: [...query.warnings, ...relaxationWarnings(found)],
    }),
    ...(facets && { facets: facets.counts, facets_are_exact: facets.isExact }),
    ...(hints && { hints: hintsView(hints) }),
  };
}

function viewOf(
  job: Job,
  { expression }: FoundJobs,
  { query, now }: { query: ParsedJobQuery; now: Timestamp },
): z.input<typeof chosenJobViewSchema> {
  const view = chooseFields(toJobView(job, now), query.fields);
  if (!query.highlight || !expression) return view;
  return { ...view, _highlight: highlight(job, expression, query.filter.searchIn) };
}

function relaxationWarnings({ relaxed }: FoundJobs): string[] {
  if (!relaxed) return [];
  const readings = relaxed.map(({ word, suggestions }) => `'${word}' as ${suggestions.join(', ')}`);
  return [
    `spelling_relaxed: nothing matched as written; read ${readings.join('; ')}. exact=true keeps to the letter.`,
  ];
}

function hintsView({ filters, spelling }: EmptyResultHints) {
  return {
    filters: filters.map(({ parameters, total, totalIsExact }) => ({
      parameters: [...parameters],
      total_without: total,
      total_is_exact: totalIsExact,
    })),
    spelling: spelling.map(({ word, suggestions }) => ({ word, did_you_mean: suggestions })),
  };
}
