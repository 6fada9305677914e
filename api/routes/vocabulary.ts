import { z } from 'zod';
import { type CategoryCounts, countCategories, listSkills, type VocabularyReader } from '../../db/vocabulary';
import { allCategories, CATEGORY_GROUPS } from '../../domain/categories';
import { SKILLS_QUERY_GRAMMAR } from '../../domain/jobFilter';
import type { Timestamp } from '../../domain/time';
import { wholeListBody, wholeListSchema } from '../envelope';
import type { Caller } from '../middleware/authentication';
import { route } from '../route';

const COUNTED =
  "Counted every minute or so, with much data every few minutes, over the jobs of the plan's window.";

/** When and over what was counted. */
const latestCount = {
  counted_at: z.iso.datetime().nullable().describe('When the jobs were counted; null: not yet'),
  counted_days: z
    .number()
    .int()
    .nullable()
    .describe('Counted are jobs posted in so many days before `counted_at`; null: all jobs'),
};
const exampleCount = { counted_at: '2026-01-20T11:59:20.000Z', counted_days: 30 };

const jobCount = z.number().int().describe('Jobs, everything below included');

const skills = route({
  method: 'get',
  path: '/skills',
  tag: 'Market',
  summary: 'List skills by how many jobs ask for them',
  description: `Skills and tags together, most frequent first. ${COUNTED}`,
  scope: 'jobs:read',
  isMetered: true,
  query: SKILLS_QUERY_GRAMMAR,
  response: wholeListSchema(
    z.object({
      skill: z.string().describe('As `skills` of GET /jobs takes it'),
      jobs: z.number().int().describe('Jobs that ask for it'),
    }),
  ).extend(latestCount),
  example: {
    ...wholeListBody([
      { skill: 'postgresql', jobs: 1_530 },
      { skill: 'postman', jobs: 88 },
    ]),
    ...exampleCount,
  },
  handler: async ({ query, caller, services }) => {
    const reader = readerOf(caller);
    const { skills: found, countedAt, windowDays } = await listSkills(services.db, { reader, ...query });
    return {
      body: { ...wholeListBody(found, untold(countedAt)), counted_at: countedAt, counted_days: windowDays },
    };
  },
});

const node = { name: z.string(), slug: z.string(), jobs: jobCount };
const uid = z.string().nullable().describe("Upwork's; null where it is not known");

const categories = route({
  method: 'get',
  path: '/categories',
  tag: 'Market',
  summary: 'List the categories and how many jobs they have',
  description: `The eight groups with their categories and subcategories, whether they have jobs or not. ${COUNTED}`,
  scope: 'jobs:read',
  isMetered: true,
  response: wholeListSchema(
    z.object({
      ...node,
      categories: z.array(z.object({ ...node, uid, subcategories: z.array(z.object({ ...node, uid })) })),
    }),
  ).extend(latestCount),
  example: {
    ...wholeListBody([
      {
        name: 'Legal',
        slug: 'legal',
        jobs: 310,
        categories: [
          {
            name: 'Legal',
            slug: 'legal',
            uid: '531770282584862723',
            jobs: 310,
            subcategories: [
              { name: 'Corporate & Contract Law', slug: 'corporate-contract-law', uid: null, jobs: 140 },
            ],
          },
        ],
      },
    ]),
    ...exampleCount,
  },
  handler: async ({ caller, services }) => {
    const counts = await countCategories(services.db, readerOf(caller), {
      slugs: allCategories().map(({ slug }) => slug),
      groups: CATEGORY_GROUPS.map(({ slug }) => slug),
    });
    return {
      body: {
        ...wholeListBody(categoryTree(counts), untold(counts.countedAt)),
        counted_at: counts.countedAt,
        counted_days: counts.windowDays,
      },
    };
  },
});

export const vocabularyRoutes = [skills, categories];

function untold(countedAt: Timestamp | null): string[] {
  return countedAt === null ? ['Nothing was counted yet: come back in a minute.'] : [];
}

function readerOf({ plan, readScope }: Caller): VocabularyReader {
  return { retentionDays: plan.retention_days, samples: readScope.samples };
}

function categoryTree({ jobsOfCategory, jobsOfGroup }: CategoryCounts) {
  const nodes = allCategories();
  const view = ({ name, slug, uid: known }: (typeof nodes)[number]) => ({
    name,
    slug,
    uid: known,
    jobs: jobsOfCategory.get(slug) ?? 0,
  });
  return CATEGORY_GROUPS.map((group) => ({
    name: group.name,
    slug: group.slug,
    jobs: jobsOfGroup.get(group.slug) ?? 0,
    categories: nodes
      .filter(({ level, groupSlug }) => level === 'category' && groupSlug === group.slug)
      .map((category) => ({
        ...view(category),
        subcategories: nodes
          .filter(({ level, parentSlug }) => level === 'subcategory' && parentSlug === category.slug)
          .map(view),
      })),
  }));
}
