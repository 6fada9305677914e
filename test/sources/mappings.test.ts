import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { MappedPosting } from '../../domain/mapping/applyMapping';
import { mappingDocumentSchema, parseMappingDocument } from '../../domain/mapping/mappingDocument';
import { pickMapping } from '../../domain/mapping/pickMapping';
import type { SourceRecord } from '../../domain/mapping/record';
import { readRows } from '../../sources/file/fileSource';
import { shippedMappings } from '../../sources/mappings';

const DATA = resolve(__dirname, '../../../shared/data');
const SAMPLES = resolve(__dirname, '../../samples');
const MAPPINGS = resolve(__dirname, '../../sources/mappings');
/** The prose of 2018 states times relative to a capture that nothing else dates. */
const SCRAPED_AT = '2018-12-01T12:00:00.000Z';
const DAY_MS = 86_400_000;

// The postings are not part of the repository: nobody states a licence for them.
const describeWithData = existsSync(DATA) ? describe : describe.skip;

function mapped(record: SourceRecord): MappedPosting {
  const mapping = pickMapping(shippedMappings, record);
  if (!mapping) throw new Error(`No mapping knows ${Object.keys(record).join(', ')}`);
  return mapping.apply(record, { scrapedAt: SCRAPED_AT });
}

interface Summary {
  /** Rows by the mapping that was picked; `none` for rows that no mapping knows. */
  picked: Record<string, number>;
  /** How many postings carry each field. */
  filled: Record<string, number>;
  findings: Record<string, number>;
  postings: MappedPosting[];
}

const count = (counts: Record<string, number>, key: string) => {
  counts[key] = (counts[key] ?? 0) + 1;
};

async function summaryOf(folder: string): Promise<Summary> {
  const summary: Summary = { picked: {}, filled: {}, findings: {}, postings: [] };
  for await (const { record } of readRows(folder)) {
    if (record === null) continue;
    const mapping = pickMapping(shippedMappings, record);
    count(summary.picked, mapping?.document.name ?? 'none');
    if (!mapping) continue;
    const posting = mapping.apply(record, { scrapedAt: SCRAPED_AT });
    summary.postings.push(posting);
    for (const [field, value] of Object.entries(posting.content))
      if (value !== null) count(summary.filled, field);
    for (const { rule, field } of posting.findings) count(summary.findings, `${rule} ${field ?? ''}`);
  }
  return summary;
}

describe('the mappings that come with the product', () => {
  const files = readdirSync(MAPPINGS).filter((name) => name.endsWith('.json'));

  it('are all those in the folder, each named after its file', () => {
    expect(shippedMappings.map(({ document }) => `${document.name}.json`)).toEqual(files.sort());
  });

  it.each(files)('%s passes the check that an operator’s own would get', (file) => {
    const json: unknown = JSON.parse(readFileSync(join(MAPPINGS, file), 'utf8'));
    expect(mappingDocumentSchema.safeParse(json).error).toBeUndefined();
    expect(() => parseMappingDocument(json)).not.toThrow();
  });

  it('leave alone what they do not know', () => {
    for (const record of [{ column: 'Hourly: $15-$35' }, { title: 'x' }, { id: 1, name: 'x' }, {}]) {
      expect(pickMapping(shippedMappings, record)).toBeNull();
    }
  });
});

describe("nodes of Upwork's GraphQL API", () => {
  const node = {
    id: '1978704153911649005',
    ciphertext: '~021978704153911649005',
    title: 'Fix <span class="highlight">React</span> &amp; Node',
    description: 'A\nB',
    createdDateTime: '2025-10-16T06:06:47+0000',
    publishedDateTime: '2025-10-16T06:06:48+0000',
    experienceLevel: 'EXPERT',
    amount: { rawValue: '0.0', currency: 'USD', displayValue: '0.0' },
    hourlyBudgetMin: null,
    hourlyBudgetMax: null,
    engagement: null,
    client: { verificationStatus: null, location: { country: 'GBR' } },
    skills: [{ name: 'react', prettyName: 'React' }],
  };

  it('give texts without highlighting, skills, times and the client', () => {
    expect(mapped(node)).toMatchObject({
      uid: node.id,
      ciphertext: node.ciphertext,
      content: {
        title: 'Fix React & Node',
        description: 'A\nB',
        contractorTier: 3,
        skills: ['react'],
        createdOn: '2025-10-16T06:06:47.000Z',
        postedOn: '2025-10-16T06:06:48.000Z',
        buyerCountry: 'GB',
        // Nothing says that it was looked at and found wanting.
        buyerPaymentVerified: null,
      },
      findings: [],
    });
  });

  it.each([
    ['hourly by a rate', { hourlyBudgetMin: { rawValue: '5.0', currency: 'EUR' } }, 1, null, 500],
    [
      'hourly by an upper rate',
      { hourlyBudgetMin: { rawValue: null }, hourlyBudgetMax: { rawValue: '15.0', currency: 'USD' } },
      1,
      null,
      null,
    ],
    ['hourly by a weekly load', { engagement: 'Less than 30 hrs/week' }, 1, null, null],
    ['fixed by an amount', { amount: { rawValue: '30.0', currency: 'USD' } }, 2, 3000, null],
    ['what its contract says', { job: { contractTerms: { contractType: 'FIXED' } } }, 2, null, null],
    ['unknown when nothing tells', {}, null, null, null],
    [
      'what the public search says, with plain numbers',
      { type: 'HOURLY', amount: null, hourlyBudgetMin: 7.5, hourlyBudgetMax: 0 },
      1,
      null,
      750,
    ],
  ])('are %s', (_what, fields, jobType, amountMinor, minMinor) => {
    const { content, findings } = mapped({ ...node, ...fields });
    expect(findings).toEqual([]);
    expect(content.jobType).toBe(jobType);
    expect(content.budget?.amountMinor ?? null).toBe(amountMinor);
    expect(content.hourlyBudget?.minMinor ?? null).toBe(minMinor);
  });
});

describe('the shape of our own API', () => {
  const job = {
    id: '~01ec8934d454ff0ef3',
    title: 'A & B',
    description: 'Lines\nof text',
    job_type: 1,
    job_type_label: 'hourly',
    status: 2,
    contractor_tier: 3,
    category: {
      name: 'Web Development',
      slug: 'web-development',
      group: 'Development & IT',
      group_slug: 'development-it',
    },
    budget: null,
    hourly_budget: { min: 20, max: 35.5, currency: 'EUR' },
    buyer: { payment_verified: false, country: 'DE', total_spent: 12.5, score: 4.9 },
    skills: ['c#', 'sql'],
    client_activity: { total_applicants: 3, last_buyer_activity: '2026-01-02T00:00:00.000Z' },
    duration_label: '1 to 3 months',
    workload: 'part-time',
    is_private: true,
    posted_on: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-03T00:00:00.000Z',
  };

  it('is read back field by field', () => {
    expect(mapped(job)).toMatchObject({
      uid: null,
      ciphertext: job.id,
      observedAt: job.updated_at,
      findings: [],
      content: {
        ciphertext: job.id,
        jobType: 1,
        status: 2,
        contractorTier: 3,
        category: { slug: 'web-development', groupSlug: 'development-it' },
        budget: null,
        hourlyBudget: { minMinor: 2000, maxMinor: 3550, currency: 'EUR' },
        buyerPaymentVerified: false,
        buyerCountry: 'DE',
        buyerTotalSpent: { amountMinor: 1250 },
        buyerScore: 4.9,
        skills: ['c#', 'sql'],
        totalApplicants: 3,
        lastBuyerActivity: '2026-01-02T00:00:00.000Z',
        durationLabel: '1 to 3 months',
        workload: 'part-time',
        isPrivate: true,
        postedOn: job.posted_on,
      },
    });
  });

  it('takes a uid or a ciphertext as id', () => {
    expect(mapped({ ...job, id: '1978704153911649005' })).toMatchObject({
      uid: '1978704153911649005',
      ciphertext: null,
    });
    expect(mapped({ ...job, id: 'h_0123abcd' })).toMatchObject({ uid: null, ciphertext: null, findings: [] });
  });

  it('keeps the name of a category that nobody knows', () => {
    const category = { name: 'Basket Weaving', slug: 'basket-weaving', group: null, group_slug: null };
    expect(mapped({ ...job, category }).content.category).toMatchObject({ name: 'Basket Weaving' });
  });
});

describe('the samples', () => {
  it('are read without a single doubtful value but those put there on purpose', async () => {
    const { picked, findings } = await summaryOf(SAMPLES);
    expect(picked).toEqual({ canonical: 181, 'scraper-csv': 40, 'upwork-rss': 25 });
    expect(findings).toEqual({
      'money_negative budget': 1,
      'url_host_foreign url': 1,
      'currency_unknown budget': 1,
    });
  });
});

describeWithData('real postings', () => {
  it('scraped pages: prices by type, skills, times from the id', async () => {
    const { picked, filled, findings } = await summaryOf(join(DATA, 'scraper-csv-2025'));
    expect(picked).toEqual({ 'scraper-csv': 2000 });
    expect(findings).toEqual({});
    expect(filled).toMatchObject({
      title: 1767,
      description: 1767,
      jobType: 1767,
      budget: 678,
      hourlyBudget: 772,
      postedOn: 2000,
      buyerCountry: 1765,
      buyerTotalSpent: 1133,
      durationLabel: 1089,
      workload: 1006,
      proposalsTier: 1759,
      buyerCompanySize: 479,
    });
  });

  it('RSS items: everything out of the HTML, nothing of it left in the description', async () => {
    const { picked, filled, findings, postings } = await summaryOf(join(DATA, 'rss-2024'));
    expect(picked).toEqual({ 'upwork-rss': 120 });
    expect(findings).toEqual({});
    expect(filled).toMatchObject({
      budget: 32,
      hourlyBudget: 49,
      jobType: 81,
      category: 120,
      buyerCountry: 120,
      postedOn: 120,
    });
    for (const { content } of postings) {
      expect(content.description).not.toMatch(/<\/?(?:b|br|a)\b|Posted On|click to apply|&[a-z]+;/);
      expect(content.title).not.toMatch(/ - Upwork$|&[a-z]+;/);
    }
  });

  it('RSS as CSV: the column of times agrees with the time in UTC that some descriptions still state', async () => {
    const { picked, filled, findings } = await summaryOf(join(DATA, 'rss-csv-2024'));
    expect(picked).toEqual({ 'rss-csv': 770 });
    expect(findings).toEqual({});
    expect(filled).toMatchObject({
      budget: 267,
      hourlyBudget: 321,
      postedOn: 770,
      buyerCountry: 767,
      location: 7,
    });

    let compared = 0;
    for await (const { record } of readRows(join(DATA, 'rss-csv-2024'))) {
      if (record === null || !String(record['description']).includes('Posted On')) continue;
      const stated = mapped(record).content.postedOn;
      expect(mapped({ ...record, description: 'x' }).content.postedOn).toBe(stated);
      compared += 1;
    }
    expect(compared).toBe(182);
  });

  it('NDJSON: nought means not given', async () => {
    const { picked, filled, findings } = await summaryOf(join(DATA, 'ndjson-2025'));
    expect(picked).toEqual({ 'jobs-ndjson': 50 });
    expect(findings).toEqual({});
    expect(filled).toMatchObject({
      budget: 20,
      hourlyBudget: 21,
      buyerTotalSpent: 35,
      buyerScore: 31,
      renewedOn: 2,
      proposalsTier: 49,
      workload: 30,
    });
  });

  it('the feed: creation from the uid, publication as stated, three hours later for new clients', async () => {
    const { picked, filled, findings, postings } = await summaryOf(join(DATA, 'feed-csv-2023'));
    expect(picked).toEqual({ 'feed-csv': 4995 });
    expect(findings).toEqual({});
    expect(filled).toMatchObject({
      jobType: 3981,
      budget: 2191,
      hourlyBudget: 1790,
      category: 4995,
      buyerCountry: 4995,
      buyerPaymentVerified: 4882,
      buyerScore: 2367,
      numberOfPositions: 4269,
      renewedOn: 80,
      workload: 2804,
    });
    const held = postings.filter(({ content }) => {
      const hours = (Date.parse(content.postedOn ?? '') - Date.parse(content.createdOn ?? '')) / 3_600_000;
      return Math.abs(hours - 3) < 0.01;
    });
    expect(held).toHaveLength(891);
    // No slip of zones: postings held back are those of clients who have spent nothing yet.
    const ofNewClients = held.filter(({ content }) => content.buyerTotalSpent?.amountMinor === 0);
    expect(ofNewClients.length / held.length).toBeGreaterThan(0.98);
  });

  it('prose: times relative to the capture, renewals apart, what fits no duration is found', async () => {
    const { picked, filled, findings, postings } = await summaryOf(join(DATA, 'prose-2018'));
    expect(picked).toEqual({ 'search-prose': 320 });
    expect(findings).toEqual({ 'value_unparsed duration_label': 36 });
    expect(filled).toMatchObject({
      postedOn: 317,
      renewedOn: 3,
      budget: 127,
      durationLabel: 157,
      workload: 193,
      numberOfPositions: 15,
      proposalsTier: 320,
      contractorTier: 320,
      buyerCountry: 320,
    });
    expect(filled['skills']).toBeUndefined();
    for (const { content } of postings) {
      expect(content.description).not.toMatch(/\.\.\. more$/);
      const age = Date.parse(SCRAPED_AT) - Date.parse(content.postedOn ?? content.renewedOn ?? '');
      expect(age).toBeGreaterThanOrEqual(0);
      expect(age).toBeLessThan(30 * DAY_MS);
    }
  });

  it("nodes of Upwork's API", async () => {
    const { picked, findings, postings } = await summaryOf(join(DATA, 'upwork-api'));
    expect(picked).toEqual({ 'upwork-api': 3 });
    expect(findings).toEqual({});
    expect(
      postings.map(({ content }) => [
        content.jobType,
        content.budget?.amountMinor,
        content.hourlyBudget?.maxMinor,
      ]),
    ).toEqual([
      [1, undefined, 1500],
      [2, 1000, undefined],
      [2, 3000, undefined],
    ]);
  });

  it('rows that cannot be mapped are known by no mapping', async () => {
    expect((await summaryOf(join(DATA, 'hostile'))).picked).toEqual({ none: 436 });
  });

  it('employment advertisements carry no time and no identity', async () => {
    const { postings, filled } = await summaryOf(join(DATA, 'spam-labelled'));
    expect(filled).toMatchObject({ title: 500, description: 500 });
    expect(
      postings.every(
        ({ uid, ciphertext, content }) => uid === null && ciphertext === null && content.postedOn === null,
      ),
    ).toBe(true);
  });
});
