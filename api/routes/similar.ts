import { z } from 'zod';
import { findSimilarJobs } from '../../db/similarJobs';
import { readRarity } from '../../db/vocabulary';
import { SIMILAR_QUERY_GRAMMAR } from '../../domain/jobFilter';
import { jobViewSchema, toJobView } from '../../domain/jobView';
import { likenessOf, termsToWeigh } from '../../domain/similarity';
import { wholeListBody, wholeListSchema } from '../envelope';
import { exampleJobView } from '../examples';
import { jobReference } from '../jobReference';
import { readableJob } from '../readableJob';
import { route } from '../route';

const similarJobSchema = jobViewSchema
  .extend({
    similarity: z
      .number()
      .min(0)
      .max(1)
      .describe(
        'How alike the jobs are. Half of it is how many of the skills are shared, three tenths rare words of title and description, two ' +
          'tenths the category; rare skills and words weigh more. What the job asked about does not state counts for nothing, and the ' +
          'other parts for more.',
      ),
  })
  .meta({ id: 'SimilarJob', description: 'A job, and how like another one it is.' });

const similarJobs = route({
  method: 'get',
  path: '/jobs/{id}/similar',
  tag: 'Jobs',
  summary: 'Find jobs like one',
  description:
    "By skills, category and rare words, most alike first and newest first among equals, inside the plan's window. " +
    'The job itself and its folded duplicates are not among them.',
  scope: 'jobs:read',
  isMetered: true,
  params: z.object({ id: jobReference }),
  query: SIMILAR_QUERY_GRAMMAR,
  response: wholeListSchema(similarJobSchema),
  example: wholeListBody([{ ...exampleJobView, searchable_at: null, similarity: 0.71 }]),
  handler: async ({ params, query, caller, now, services }) => {
    const job = await readableJob(params.id, { caller, now, services });
    const rarity = await readRarity(services.db, termsToWeigh(job));
    const found = await findSimilarJobs(services.db, {
      jobId: job.id,
      likeness: likenessOf(job, rarity),
      scope: caller.readScope,
      limit: query.limit,
    });
    return {
      body: wholeListBody(
        found.map(({ job: other, similarity }) => ({ ...toJobView(other, now), similarity })),
      ),
    };
  },
});

export const similarRoutes = [similarJobs];
