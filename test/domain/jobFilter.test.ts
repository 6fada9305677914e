import { AppError, type FieldFault } from '../../domain/errors';
import { emptyContent, type Job } from '../../domain/job';
import {
  advancedParametersUsed,
  JOB_QUERY_GRAMMAR,
  matchesFilter,
  type ParsedJobQuery,
  parseJobQuery,
} from '../../domain/jobFilter';

const NOW = '2026-01-20T12:00:00.000Z';

const parse = (params: Record<string, unknown>): ParsedJobQuery => parseJobQuery(params, NOW);
const filterOf = (params: Record<string, unknown>) => parse(params).filter;

function faultsOf(params: Record<string, unknown>): FieldFault[] {
  try {
    parse(params);
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_parameter') return error.faults;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(params)}`);
}

function job(fields: Partial<Job> = {}): Job {
  return {
    ...emptyContent(),
    id: '1877245019342274560',
    title: 'Build a booking page',
    postedOn: '2026-01-20T09:00:00.000Z',
    version: 1,
    lastVisitedAt: '2026-01-20T10:00:00.000Z',
    firstSeenAt: '2026-01-20T09:01:00.000Z',
    verifiedAt: '2026-01-20T09:01:00.000Z',
    updatedAt: '2026-01-20T11:00:00.000Z',
    searchableAt: null,
    flags: [],
    qualityScore: 1,
    isSample: false,
    ...fields,
  };
}

const matches = (fields: Partial<Job>, params: Record<string, unknown>): boolean =>
  matchesFilter(job(fields), filterOf(params));

describe('parseJobQuery', () => {
  it('gives the newest twenty jobs when nothing is asked', () => {
    expect(parse({})).toEqual({
      filter: {},
      movingBounds: {},
      sort: 'posted_on_desc',
      limit: 20,
      start: { offset: 0 },
      isExact: false,
      highlight: false,
      facets: [],
      fields: null,
      warnings: [],
    });
  });

  it('ignores empty values', () => {
    expect(
      filterOf({ search: '', country: ' ', skills: ',,', budget_min: '', limit: '', q: ['', ''] }),
    ).toEqual({});
  });

  it('reads comma lists and repeated parameters as one list, each value once', () => {
    expect(filterOf({ skills: ['python, Django', 'python', ' '] })).toEqual({
      anySkills: ['python', 'django'],
    });
  });

  it('takes an alias for the parameter', () => {
    expect(filterOf({ q: 'python' })).toEqual(filterOf({ search: 'python' }));
  });

  it('refuses a single value that is given twice, also through its alias', () => {
    expect(faultsOf({ budget_min: ['1', '2'] })[0]).toMatchObject({
      parameter: 'budget_min',
      received: '1, 2',
    });
    expect(faultsOf({ search: 'a', q: 'b' })).toHaveLength(1);
    expect(filterOf({ search: 'a', q: '' })).toEqual(filterOf({ search: 'a' }));
  });

  it('names every fault of a query at once', () => {
    const faults = faultsOf({
      limit: '0',
      budget_min: 'lots',
      job_type: 'hourly,daily',
      posted_after: 'yesterday',
      contry: 'US',
      search: '"open',
    });
    expect(faults.map(({ parameter }) => parameter).sort()).toEqual([
      'budget_min',
      'contry',
      'job_type',
      'limit',
      'posted_after',
      'search',
    ]);
  });

  it.each([
    ['contry', 'country'],
    ['serach', 'search'],
    ['Search', 'search'],
    ['skills[]', 'skills'],
    ['limit[gte]', 'limit'],
    ['budget-min', 'budget_min'],
    ['buyer.total_spend_min', 'buyer.total_spent_min'],
    ['jobtype', 'job_type'],
  ])('suggests for %s the parameter %s', (given, expected) => {
    expect(faultsOf({ [given]: 'x' })[0]).toMatchObject({ parameter: given, did_you_mean: expected });
  });

  it.each([
    ['job_type', 'hourley', 'hourly'],
    ['status', 'opne', 'open'],
    ['contractor_tier', 'experrt', 'expert'],
    ['duration_label', 'monht', 'month'],
    ['engagement', 'fulltme', 'full-time'],
    ['sort', 'budget', 'budget_desc'],
    ['sort', 'posted_on_dsc', 'posted_on_desc'],
  ])('suggests for %s=%s the value %s', (name, given, expected) => {
    expect(faultsOf({ [name]: given })[0]).toMatchObject({ parameter: name, did_you_mean: expected });
  });

  it('suggests no value for a number and for a word that is near to none', () => {
    for (const given of ['3', '-1', 'nonsense', 'x'.repeat(200)]) {
      expect(faultsOf({ job_type: given })[0]).not.toHaveProperty('did_you_mean');
    }
  });

  it('takes no signed or pointed number for a code', () => {
    for (const name of [
      'job_type',
      't',
      'status',
      'contractor_tier',
      'payment_verified',
      'contract_to_hire',
    ]) {
      for (const given of ['-1', '--1', '.1', '1.', '(1)']) {
        expect({ name, given, faults: faultsOf({ [name]: given }).length }).toEqual({
          name,
          given,
          faults: 1,
        });
      }
    }
  });

  it('suggests nothing for a name that is near to none', () => {
    expect(faultsOf({ zz: '1' })[0]).not.toHaveProperty('did_you_mean');
  });

  it.each(['constructor', '__proto__', 'toString'])('knows no parameter, sort or code named %s', (name) => {
    const params = JSON.parse(`{ ${JSON.stringify(name)}: "1" }`) as Record<string, unknown>;
    expect(faultsOf(params)).toHaveLength(1);
    expect(faultsOf({ sort: name })).toHaveLength(1);
    expect(faultsOf({ job_type: name })).toHaveLength(1);
    expect(faultsOf({ category: name })).toHaveLength(1);
    expect(faultsOf({ country: name })).toHaveLength(1);
  });

  it('refuses values that no text column can hold', () => {
    expect(faultsOf({ skills: 'a\0b' })[0]?.message).toContain('NUL');
    expect(faultsOf({ skills: { a: 1 } })[0]?.parameter).toBe('skills');
    expect(faultsOf({ skills: 'x'.repeat(201) })).toHaveLength(1);
    expect(faultsOf({ search: 'x'.repeat(1001) })[0]?.received).toHaveLength(100);
  });

  it('bounds lists at 100 values and ids at 50', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => String(index)).join(',');
    expect(filterOf({ skills: many(100) }).anySkills).toHaveLength(100);
    expect(faultsOf({ skills: many(101) })).toHaveLength(1);
    expect(filterOf({ ids: many(50) }).ids).toHaveLength(50);
    expect(faultsOf({ ids: many(51) })).toHaveLength(1);
  });

  describe('paging', () => {
    it('gives 50 jobs at most and says so', () => {
      expect(parse({ limit: '50' })).toMatchObject({ limit: 50, warnings: [] });
      expect(parse({ limit: '51' })).toMatchObject({ limit: 50, warnings: [expect.stringContaining('50')] });
      expect(parse({ limit: '500', offset: '0' }).limit).toBe(50);
    });

    it.each([
      [{ limit: '0' }, 'limit'],
      [{ limit: '-5' }, 'limit'],
      [{ limit: 'ten' }, 'limit'],
      [{ limit: '2.5' }, 'limit'],
      [{ limit: '60', offset: '60' }, 'limit'],
      [{ limit: '20', offset: '30' }, 'offset'],
      [{ offset: '30' }, 'offset'],
      [{ offset: '-20' }, 'offset'],
      [{ offset: '10020' }, 'offset'],
      [{ cursor: 'abc', offset: '0' }, 'offset'],
    ])('refuses %j', (params, parameter) => {
      expect(faultsOf(params).map((fault) => fault.parameter)).toEqual([parameter]);
    });

    it('takes multiples of the limit up to 10,000', () => {
      expect(parse({ limit: '50', offset: '10000' }).start).toEqual({ offset: 10_000 });
      expect(parse({ cursor: 'abc' }).start).toEqual({ cursor: 'abc' });
    });

    it('gives all jobs that were asked for by id on one page', () => {
      const ids = Array.from({ length: 45 }, (_, index) => `18772450193422745${index}`).join(',');
      expect(parse({ ids }).limit).toBe(45);
      expect(parse({ ids, limit: '10' }).limit).toBe(10);
    });
  });

  it.each([
    ['publish_time_desc', 'posted_on_desc'],
    ['publish_time_asc', 'posted_on_asc'],
    ['recency', 'posted_on_desc'],
    ['recency+desc', 'posted_on_desc'],
    ['recency desc', 'posted_on_desc'],
    ['budget_asc', 'budget_asc'],
    ['ingested_asc', 'ingested_asc'],
  ])('sorts by %s as %s', (given, sort) => {
    expect(parse({ sort: given }).sort).toBe(sort);
  });

  it('refuses an order that it does not know and lists those it does', () => {
    expect(faultsOf({ sort: 'newest' })[0]?.expected).toContain('posted_on_desc');
  });

  it.each([
    ['2026-01-20', '2026-01-20T00:00:00.000Z'],
    ['2026-01-20T10:30', '2026-01-20T10:30:00.000Z'],
    ['2026-01-20T10:30:15.25Z', '2026-01-20T10:30:15.250Z'],
    ['2026-01-20T10:30:00+02:00', '2026-01-20T08:30:00.000Z'],
    ['2026-01-20T10:30:00 02:00', '2026-01-20T08:30:00.000Z'],
    ['2026-01-20T10:30:00-0500', '2026-01-20T15:30:00.000Z'],
    ['-24h', '2026-01-19T12:00:00.000Z'],
    ['-7d', '2026-01-13T12:00:00.000Z'],
    ['-30m', '2026-01-20T11:30:00.000Z'],
    ['-2w', '2026-01-06T12:00:00.000Z'],
  ])('reads the time %s', (given, time) => {
    expect(filterOf({ posted_after: given }).postedAfter).toBe(time);
  });

  it.each([
    '2026-02-30',
    '2026-13-01',
    '2026-01-20T25:00',
    '20260120',
    '1969-12-31',
    '9999-12-31',
    '-9999999w',
    '+1d',
    '24h',
    '-1M',
    'now',
  ])('refuses the time %s', (given) => {
    expect(faultsOf({ updated_after: given })).toHaveLength(1);
  });

  it.each([
    [
      '100-200,500-',
      [
        { min: 100, max: 200 },
        { min: 500, max: null },
      ],
    ],
    ['-50', [{ min: null, max: 50 }]],
    ['20', [{ min: 20, max: 20 }]],
    ['12.5 - 20', [{ min: 12.5, max: 20 }]],
  ])('reads the ranges %s', (given, ranges) => {
    expect(filterOf({ amount: given }).amounts).toEqual(ranges);
  });

  it.each(['200-100', '-', '1-2-3', 'a-b', '1..5', '1e3', '2000000000000'])(
    'refuses the range %s',
    (given) => {
      expect(faultsOf({ amount: given })).toHaveLength(1);
    },
  );

  it.each([
    { budget_min: '2', budget_max: '1' },
    { hourly_min: '2', hourly_max: '1' },
    { posted_after: '-1h', posted_before: '-2h' },
    { budget_min: '-1' },
    { budget_min: '1,5' },
    { budget_max: '1000000000001' },
    { 'buyer.total_spent_min': '1e3' },
    { payment_verified: 'perhaps' },
    { t: '2' },
    { currency: 'XYZ' },
    { category: 'basket-weaving' },
    { category_group: 'web-developmentt' },
    { proposals: 'few' },
  ])('refuses %j', (params) => {
    expect(faultsOf(params)).toHaveLength(1);
  });

  it('takes names of categories that hold commas, beside others', () => {
    expect(filterOf({ category: 'Legal,Web, Mobile & Software Dev' }).categories?.slugs).toEqual([
      'legal',
      'web-mobile-software-dev',
    ]);
  });

  it('takes a group for a category', () => {
    expect(filterOf({ category: 'writing-translation,legal' }).categories).toEqual({
      slugs: ['legal'],
      groups: ['writing-translation'],
    });
  });

  it('suggests the category, group or country that was meant', () => {
    expect(faultsOf({ category: 'web-developmnt' })[0]?.did_you_mean).toBe('web-development');
    expect(faultsOf({ category_group: 'desing-creative' })[0]?.did_you_mean).toBe('design-creative');
    expect(faultsOf({ country: 'Germany' })[0]?.did_you_mean).toBe('DE');
    expect(faultsOf({ location: 'Germny' })[0]?.did_you_mean).toBe('Germany');
  });

  it('finds the ciphertext in an Upwork address', () => {
    const address = 'https://www.upwork.com/jobs/Some-Title_%7E0182AC23b7a32b6e28/?source=rss';
    expect(filterOf({ ids: `${address},~021877245019342274560,123` }).ids).toEqual([
      '~0182ac23b7a32b6e28',
      '~021877245019342274560',
      '123',
    ]);
  });

  it('refuses the address of a posting elsewhere than at Upwork', () => {
    for (const address of [
      'https://upwork.com.example.org/jobs/~0182ac23b7a32b6e28',
      '//example.org/~021877245019342274560',
    ]) {
      expect(faultsOf({ ids: address })).toMatchObject([{ parameter: 'ids', received: address }]);
    }
  });

  it('lets two parameters on one field both decide', () => {
    expect(filterOf({ job_type: '1,2', t: '1' }).jobTypes).toEqual([2]);
    expect(filterOf({ country: 'US,DE', location: 'Europe' }).countries).toEqual(['DE']);
    expect(filterOf({ job_type: '1', t: '1' }).jobTypes).toEqual([]);
  });

  it('accepts what older clients send, with a warning that says what to use', () => {
    const { filter, warnings } = parse({ previous_clients: 'all', webhook: 'https://example.com' });
    expect(filter).toEqual({});
    expect(warnings).toEqual([
      expect.stringMatching(/^previous_clients has no effect: .*client_hires/),
      expect.stringMatching(/^webhook has no effect: .*webhook endpoint/),
    ]);
  });

  it('accepts the example of every parameter', () => {
    for (const { name, example } of JOB_QUERY_GRAMMAR.parameters) {
      expect(() => parse({ [name]: example })).not.toThrow();
    }
  });

  it('accepts every value that a parameter lists', () => {
    for (const { name, values } of JOB_QUERY_GRAMMAR.parameters) {
      for (const value of values ?? []) expect(() => parse({ [name]: value })).not.toThrow();
    }
  });

  it('gives a filter that survives JSON', () => {
    for (const { name, example } of JOB_QUERY_GRAMMAR.parameters) {
      const { filter } = parse({ [name]: example });
      expect(JSON.parse(JSON.stringify(filter))).toEqual(filter);
    }
  });
});

describe('advancedParametersUsed', () => {
  it('names what needs Professional or higher', () => {
    const filter = filterOf({ 'buyer.total_spent_min': '1', client_hires: '1-', search: 'a' });
    expect(advancedParametersUsed(filter)).toEqual(['buyer.total_spent_min', 'client_hires']);
    expect(advancedParametersUsed(filterOf({ search: 'a' }))).toEqual([]);
    expect(JOB_QUERY_GRAMMAR.parameters.filter(({ advanced }) => advanced).map(({ name }) => name)).toEqual([
      'client_hires',
      'buyer.total_spent_min',
      'buyer.total_assignments_min',
      'buyer.total_jobs_with_hires_min',
      'facets',
    ]);
  });
});

describe('matchesFilter', () => {
  const usd = (amount: number) => ({ amountMinor: amount * 100, currency: 'USD' });
  const perHour = (min: number | null, max: number | null) => ({
    minMinor: min && min * 100,
    maxMinor: max && max * 100,
    currency: 'USD',
  });

  it('matches every job when nothing is asked', () => {
    expect(matches({}, {})).toBe(true);
  });

  it.each<[string, Partial<Job>, Record<string, string>, boolean]>([
    ['budget within bounds', { budget: usd(500) }, { budget_min: '500', budget_max: '500' }, true],
    ['budget below', { budget: usd(499.99) }, { budget_min: '500' }, false],
    ['no budget', {}, { budget_min: '0' }, false],
    ['a budget on an hourly job', { jobType: 1, budget: usd(500) }, { budget_min: '100' }, false],
    ['a budget in yen', { budget: { amountMinor: 500, currency: 'JPY' } }, { budget_min: '500' }, true],
    ['hourly range that overlaps', { hourlyBudget: perHour(20, 40) }, { hourly_min: '40' }, true],
    ['hourly range beside it', { hourlyBudget: perHour(20, 40) }, { hourly_min: '41' }, false],
    ['hourly range without upper end', { hourlyBudget: perHour(20, null) }, { hourly_min: '500' }, true],
    ['hourly range without lower end', { hourlyBudget: perHour(null, 40) }, { hourly_max: '1' }, true],
    ['hourly range without ends', { hourlyBudget: perHour(null, null) }, { hourly_max: '1' }, false],
    [
      'an hourly range on a fixed-price job',
      { jobType: 2, hourlyBudget: perHour(20, 40) },
      { hourly_min: '1' },
      false,
    ],
    [
      'either kind of pay, by the budget',
      { budget: usd(500) },
      { budget_min: '100', hourly_min: '50' },
      true,
    ],
    [
      'either kind of pay, by the rate',
      { hourlyBudget: perHour(60, 80) },
      { amount: '100-', hourly_min: '50' },
      true,
    ],
    [
      'neither kind of pay',
      { hourlyBudget: perHour(20, 40) },
      { budget_min: '100', hourly_min: '50' },
      false,
    ],
    ['one of several amounts', { budget: usd(700) }, { amount: '100-200,500-' }, true],
    ['none of several amounts', { budget: usd(300) }, { amount: '100-200,500-' }, false],
    ['a rate within the range', { hourlyBudget: perHour(20, 40) }, { hourly_rate: '30' }, true],
    ['currency of the budget', { budget: usd(1) }, { currency: 'eur,usd' }, true],
    ['another currency', { budget: usd(1) }, { currency: 'EUR' }, false],
    ['skills by any of', { skills: ['python'], tags: null }, { skills: 'Go, Python' }, true],
    ['tags among the skills', { skills: ['n8n'] }, { tags: 'n8n' }, true],
    [
      'skills among the tags, all of',
      { skills: ['python'], tags: ['django'] },
      { skills_all: 'python,django' },
      true,
    ],
    ['not all of the skills', { skills: ['python'] }, { skills_all: 'python,django' }, false],
    ['proposals by tier', { proposalsTier: 'Less than 5', totalApplicants: 60 }, { proposals: '0-4' }, true],
    ['proposals by number where no tier is shown', { totalApplicants: 9 }, { proposals: '5-9' }, true],
    ['proposals by number beyond', { totalApplicants: 10 }, { proposals: '5-9' }, false],
    ['many proposals', { totalApplicants: 400 }, { proposals: '50+' }, true],
    ['unknown proposals', {}, { proposals: '0-4' }, false],
    ['hires of the client', { buyerTotalAssignments: 5 }, { client_hires: '1-9' }, true],
    ['unknown hires of the client', {}, { client_hires: '-9' }, false],
    ['what the client spent', { buyerTotalSpent: usd(1000) }, { 'buyer.total_spent_min': '1000' }, true],
    ['unknown verification', {}, { payment_verified: 'no' }, false],
    ['verification', { buyerPaymentVerified: false }, { payment_verified: 'off' }, true],
    ['country', { buyerCountry: 'GB' }, { country: 'us,gb' }, true],
    ['region', { buyerCountry: 'FR' }, { location: 'Europe' }, true],
    ['time zone, whose plus became a blank', { buyerTimezone: 'UTC+02:00' }, { timezone: 'utc 02:00' }, true],
    ['another time zone', { buyerTimezone: 'UTC-02:00' }, { timezone: 'utc 02:00' }, false],
    ['duration by code', { durationLabel: 'More than 6 months' }, { duration_v3: 'ongoing' }, true],
    ['posted at that very time', {}, { posted_after: '2026-01-20T09:00:00Z' }, true],
    ['not before that very time', {}, { posted_before: '2026-01-20T09:00:00Z' }, false],
    ['changed since', {}, { updated_after: '-2h' }, true],
    ['visited since', {}, { last_visited_after: '-1h' }, false],
    ['uid by ciphertext', {}, { ids: '~021877245019342274560' }, true],
    ['text', { description: 'We use Node.js.' }, { search: 'booking node.js' }, true],
  ])('decides on %s', (_what, fields, params, expected) => {
    expect(matches(fields, params)).toBe(expected);
  });

  it('finds a category by all that is above it', () => {
    const category = {
      name: 'Full Stack Development',
      slug: 'full-stack-development',
      group: 'Development & IT',
      groupSlug: 'development-it',
    };
    for (const name of [
      'full-stack-development',
      'web-development',
      'web-mobile-software-dev',
      'development-it',
    ]) {
      expect(matches({ category }, { category: name })).toBe(true);
    }
    expect(matches({ category }, { category: 'legal' })).toBe(false);
    expect(matches({ category }, { category_group: 'Development & IT' })).toBe(true);
    expect(matches({ category }, { subcategory2_uid: '531770282580668418' })).toBe(true);
  });

  it('lets all conditions decide together', () => {
    expect(matches({ status: 1, jobType: 2 }, { status: 'open', job_type: 'fixed' })).toBe(true);
    expect(matches({ status: 2, jobType: 2 }, { status: 'open', job_type: 'fixed' })).toBe(false);
  });
});
