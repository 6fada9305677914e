import fc from 'fast-check';
import { AppError, type FieldFault } from '../../../domain/errors';
import { JOB_QUERY_GRAMMAR, type ParsedJobQuery, parseJobQuery } from '../../../domain/jobFilter';
import { FILTER_ROWS } from '../../../domain/jobFilter/parameters';
import { createQueryGrammar } from '../../../domain/jobFilter/queryGrammar';

const NOW = '2026-01-20T12:00:00.000Z';
const NX = 'https://www.upwork.com/nx/search/jobs/?';
const AB = 'https://www.upwork.com/ab/jobs/search/?';
const OLD = 'https://www.upwork.com/o/jobs/browse/';
const FEED = 'https://www.upwork.com/ab/feed/jobs/rss?';

type Params = Record<string, unknown>;
const parse = (params: Params): ParsedJobQuery => parseJobQuery(params, NOW);
const expand = (address: string, beside: Params = {}): ParsedJobQuery =>
  parse({ upwork_url: address, ...beside });

function faultsOf(params: Params): FieldFault[] {
  try {
    parse(params);
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_parameter') return error.faults;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(params)}`);
}

/** Addresses as people have them, and the same search by parameters of our own. No warnings on either side. */
const understood: readonly (readonly [address: string, meaning: Params])[] = [
  [`${NX}q=python`, { search: 'python' }],
  [`${NX}q=web%20scraping&sort=recency`, { search: 'web scraping', sort: 'posted_on_desc' }],
  [`${NX}q=web+scraping&sort=relevance%2Bdesc`, { search: 'web scraping', sort: 'relevance' }],
  ['https://www.upwork.com/nx/search/jobs/', {}],
  ['https://www.upwork.com/nx/search/jobs', {}],
  ['http://upwork.com/nx/search/jobs/?q=etsy', { search: 'etsy' }],
  ['www.upwork.com/nx/search/jobs/?q=etsy', { search: 'etsy' }],
  ['//www.upwork.com/nx/search/jobs/?q=etsy', { search: 'etsy' }],
  ['  upwork.com/nx/search/jobs?q=etsy#results ', { search: 'etsy' }],
  ['HTTPS://WWW.UPWORK.COM/nx/search/jobs/?q=etsy', { search: 'etsy' }],
  [
    'https://www.upwork.com/nx/jobs/search/?q=DevOps&sort=recency&proposals=0-4,5-9&contractor_tier=1',
    { search: 'DevOps', proposals: '0-4,5-9', contractor_tier: 'entry' },
  ],
  ['https://www.upwork.com/nx/s/universal-search/jobs/?q=app&per_page=50', { search: 'app', limit: '50' }],
  [
    `${AB}q=logo&t=1&amount=100-499,500-`,
    { search: 'logo', job_type: 'fixed-price', amount: '100-499,500-' },
  ],
  ['https://www.upwork.com/ab/jobs/search/t/1/?sort=recency', { job_type: 'fixed-price' }],
  [
    'https://www.upwork.com/ab/jobs/search/url?per_page=20&q=go&page=2',
    { search: 'go', limit: 20, offset: 20 },
  ],
  [
    'https://www.upwork.com/search/jobs/?page=2&q=scrap&sort=recency',
    { search: 'scrap', limit: 20, offset: 20 },
  ],
  ['https://www.upwork.com/search/jobs/t/0,1/?q=chatbot', { search: 'chatbot', job_type: '1,2' }],
  [
    'https://www.upwork.com/jobs/search/?q=python&location=United%20States',
    { search: 'python', country: 'US' },
  ],
  ['https://www.upwork.com/jobs/?q=python', { search: 'python' }],
  [`${OLD}?q=blockchain&sort=create_time%2Bdesc`, { search: 'blockchain' }],
  [`${OLD}?q=blockchain&sort=renew_time_int+desc&from_recent_search=true`, { search: 'blockchain' }],
  [
    `${OLD}c/web-mobile-software-dev/sc/web-development/t/0/?contractor_tier=2,3`,
    {
      category: 'web-mobile-software-dev',
      subcategory2_uid: 'web-development',
      job_type: 'hourly',
      contractor_tier: 'intermediate,expert',
    },
  ],
  [`${OLD}skill/cakephp/`, { skills: 'cakephp' }],
  [`${OLD}?amount=500,100000&t=1`, { amount: '500-100000', job_type: 'fixed-price' }],
  ['https://www.upwork.com/freelance-jobs/python/', { skills: 'python' }],
  ['https://www.upwork.com/freelance-jobs/react-js/', { skills: 'react-js,react js,react.js' }],
  ['https://www.upwork.com/freelance-jobs/web-development/', { category: 'web-development' }],
  ['https://www.upwork.com/freelance-jobs/', {}],
  [
    `${FEED}q=php&sort=recency&paging=0%3B10&api_params=1&securityToken=abc&userUid=1&orgUid=2`,
    { search: 'php', limit: 10 },
  ],
  [
    `${FEED}paging=NaN-undefined&payment_verified=1&q=(%22AWS%22%20OR%20%22SQL%22)%20AND%20NOT%20(%22React%22)&sort=recency`,
    {
      payment_verified: true,
      search: '("AWS" OR "SQL") AND NOT ("React")',
    },
  ],
  [
    `${FEED}budget=500-999%2C1000-4999%2C5000-&hourly_rate=20-&job_type=hourly%2Cfixed&verified_payment_only=1&q=`,
    { amount: '500-999,1000-4999,5000-', hourly_rate: '20-', job_type: '1,2', payment_verified: true },
  ],
  [`${FEED}q=php&amp;sort=recency&amp;paging=20-10`, { search: 'php', limit: 10, offset: 20 }],
  [
    'https://www.upwork.com/ab/feed/jobs/atom?category2=web_mobile_software_dev&subcategory2=desktop_software_development%2Cqa_testing&api_params=1&q=',
    { category: 'web_mobile_software_dev', subcategory2_uid: 'desktop_software_development,qa_testing' },
  ],
  [
    `${NX}amount=1000-4999,5000-&category2_uid=531770282580668419,531770282580668418&client_hires=1-9,10-&contractor_tier=2,3&hourly_rate=35-&location=Americas,Europe&nbs=1&per_page=50&proposals=0-4,5-9,10-14&sort=recency&t=0,1&page=3`,
    {
      amount: '1000-4999,5000-',
      category: '531770282580668419,531770282580668418',
      client_hires: '1-9,10-',
      contractor_tier: '2,3',
      hourly_rate: '35-',
      location: 'Americas,Europe',
      proposals: '0-4,5-9,10-14',
      job_type: '1,2',
      limit: 50,
      offset: 100,
    },
  ],
  [
    `${NX}duration_v3=week,month,semester,ongoing&workload=as_needed,part_time,full_time&contract_to_hire=true`,
    {
      duration_label: 'week,month,semester,ongoing',
      workload: 'as-needed,part-time,full-time',
      contract_to_hire: true,
    },
  ],
  [
    `${NX}subcategory2_uid=531770282593251329&payment_verified=1`,
    {
      subcategory2_uid: '531770282593251329',
      payment_verified: true,
    },
  ],
  [`${NX}location=United%2520States`, { country: 'US' }],
  [
    `${NX}location=Australia%20and%20New%20Zealand,C%C3%B4te%20d'Ivoire`,
    {
      location: "Australia and New Zealand,Côte d'Ivoire",
    },
  ],
  [`${NX}timezone=America/New_York,Europe/Berlin`, { timezone: 'America/New_York,Europe/Berlin' }],
  [
    `${NX}job_type=hourly&exp_level=EntryLevel,ExpertLevel&hourly=20-40`,
    {
      job_type: 'hourly',
      contractor_tier: '1,3',
      hourly_rate: '20-40',
    },
  ],
  [`${NX}hourly=1&fixed=0`, { job_type: 'hourly' }],
  [
    `${NX}job_type=fixed&fixed_budget=500-1000&experience_level=intermediate`,
    {
      job_type: 'fixed-price',
      amount: '500-1000',
      contractor_tier: '2',
    },
  ],
  [`${NX}client_payment_verification_status=VERIFIED&payment_verified=1`, { payment_verified: true }],
  [`${NX}verified_payment_only=0&q=a`, { search: 'a' }],
  [
    `${NX}subcategory=web_development&workload=PartTime&proposals=50%2B,10-15,5%20-%209`,
    {
      subcategory2_uid: 'web-development',
      workload: 'part-time',
      proposals: '50-,10-14,5-9',
    },
  ],
  [`${NX}client_hires=0&hourly_rate=-40&t=0`, { client_hires: '0', hourly_rate: '-40', t: '0' }],
  // Searches in Upwork's own grammar.
  [`${NX}q=title%3A(react%20native)`, { search: '(react native)', search_in: 'title' }],
  [`${NX}q=title%3A%22data%20entry%22`, { search: '"data entry"', search_in: 'title' }],
  [
    `${FEED}q=%28title%3A%28React%29+OR+title%3A%28Vue%29%29`,
    { search: '(React OR Vue)', search_in: 'title' },
  ],
  [`${NX}q=skills%3A(ruby%20OR%20rails)`, { search: 'ruby OR rails', search_in: 'skills' }],
  [`${NX}q=NOT%20description:wordpress`, { search: 'NOT wordpress', search_in: 'description' }],
  [`${NX}q=%22title:%20x%22`, { search: '"title: x"' }],
  [`${NX}q=c%2B%2B%20-qt`, { search: 'c++ -qt' }],
  [`${NX}q=c%23&t=0`, { search: 'c#', job_type: 'hourly' }],
  // The same without their escapes, as a query string brings them that was not escaped.
  [`${NX}q=c++ qt&t=0`, { search: 'c++ qt', job_type: 'hourly' }],
  [`${NX}q=c#&t=0`, { search: 'c#', job_type: 'hourly' }],
];

describe('upwork_url', () => {
  it.each(understood)('asks for the same search as %s', (address, meaning) => {
    const { warnings, ...query } = expand(address);
    expect({ ...query, warnings }).toEqual({ ...parse(meaning), warnings: [] });
  });

  /** What of the address is left out, each with the parameter that is named and what remains. */
  const partlyUnderstood: readonly (readonly [address: string, named: RegExp, meaning: Params])[] = [
    [
      `${NX}q=a&contractor_tier=2,9`,
      /contractor_tier: '9' is not a contractor tier/,
      { search: 'a', contractor_tier: '2' },
    ],
    [`${NX}q=a&location=Atlantis`, /location: 'Atlantis' is not/, { search: 'a' }],
    [`${NX}location=Germny,France`, /location: 'Germny' .* Did you mean Germany\?/, { country: 'FR' }],
    [`${NX}category2_uid=999&t=0`, /category2_uid: '999' is not a category/, { job_type: '1' }],
    [`${OLD}?workload=full_time,none`, /workload: 'none' is not/, { workload: 'full-time' }],
    [`${NX}payment_verified=perhaps`, /payment_verified is not a yes or no/, {}],
    [`${NX}amount=lots`, /amount: 'lots' is not a range/, {}],
    [`${NX}q=a%20OR&t=0`, /q: .*OR needs a term on either side/, { job_type: '1' }],
    [
      `${NX}q=(python%20OR%20%22django`,
      /q: quotation marks or parentheses .* were left out/,
      { search: 'python OR django' },
    ],
    [
      `${NX}q=python%20title:(developer)`,
      /q: .*looked for everywhere, those behind title:/,
      { search: 'python (developer)' },
    ],
    [`${NX}q=title:react%20skills:css`, /q: .*behind title: and skills:/, { search: 'react css' }],
    [`${NX}q=a&sort=duration`, /sort is not an order/, { search: 'a' }],
    [`${NX}q=a&sort=client_rating%2Bdesc`, /no order by client/, { search: 'a' }],
    [`${NX}q=a&ontology_skill_uid=1031626773660942336`, /ontology_skill_uid: .*use skills/, { search: 'a' }],
    [`${NX}q=a&connect_price=0-4`, /connect_price: it has no effect/, { search: 'a' }],
    [`${NX}q=a&user_location_match=2`, /user_location_match: it has no effect/, { search: 'a' }],
    [`${NX}topic_id=42`, /topic_id: .*not in its address/, {}],
    [`${NX}q=a&previous_clients=all`, /previous_clients has no effect/, { search: 'a' }],
    [`${NX}q=a&colour=red&shape=round`, /colour, shape: not understood/, { search: 'a' }],
    [
      'https://www.upwork.com/nx/search/jobs/details/~021877245019342274560?q=a',
      /details: .*use ids/,
      { search: 'a' },
    ],
    ['https://www.upwork.com/nx/search/jobs/new/?q=a', /\/new: not understood/, { search: 'a' }],
    [`${NX}q=a&page=0`, /page: '0' is no whole number above 0/, { search: 'a' }],
    [`${NX}q=a&page=9000`, /page: pages end after 10000 jobs/, { search: 'a' }],
    [
      `${NX}q=a&per_page=100&page=2`,
      /per_page: 100 is above the largest page/,
      { search: 'a', limit: 50, offset: 50 },
    ],
    [`${FEED}q=a&paging=5;10`, /paging: it begins within a page/, { search: 'a', limit: 10 }],
    [`${NX}t=0&amount=500-`, /amount: it has no effect, for no jobs of this kind/, { job_type: '1' }],
    [
      `${NX}t=0,1&amount=500-`,
      /amount: it leaves hourly jobs as they are/,
      {
        job_type: '1,2',
        amount: '500-',
        hourly_rate: '0-',
      },
    ],
    [
      `${NX}t=0,1&hourly_rate=30-`,
      /hourly_rate: it leaves fixed-price jobs as they are/,
      {
        job_type: '1,2',
        amount: '0-',
        hourly_rate: '30-',
      },
    ],
  ];

  it.each(partlyUnderstood)('names in a warning what it leaves out of %s', (address, named, meaning) => {
    const { warnings, ...query } = expand(address);
    expect(warnings).toEqual([expect.stringMatching(named)]);
    expect({ ...query, warnings: [] }).toEqual({ ...parse(meaning), warnings: [] });
  });

  it.each([
    'python developer',
    'https://www.upwork.com',
    'https://www.upwork.com/nx/search/talent/?q=python',
    'https://www.upwork.com/nx/search/jobs/saved/',
    'https://www.upwork.com/nx/find-work/best-matches',
    'https://www.upwork.com/jobs/Scraper_~021877245019342274560',
    'https://www.upwork.com/jobs/search-for-software_~0181587ea82f08206b',
    'https://www.upwork.com/freelance-jobs/apply/Editor_~021945883745462019793',
    'https://www.upwork.com.example.com/nx/search/jobs/?q=python',
    'https://www.upwork.com@example.com/nx/search/jobs/?q=python',
    'https://example.com/nx/search/jobs/?q=python',
    'ftp://www.upwork.com/nx/search/jobs/?q=python',
    `${NX}q=${'x'.repeat(8000)}`,
    'https://',
  ])('refuses %s, which is no search at Upwork', (address) => {
    expect(faultsOf({ upwork_url: address })).toMatchObject([{ parameter: 'upwork_url' }]);
  });

  it('refuses two addresses', () => {
    expect(faultsOf({ upwork_url: [`${NX}q=a`, `${NX}q=b`] })).toMatchObject([{ parameter: 'upwork_url' }]);
  });

  /** Parameters that win over the address, with what remains of both. */
  const overruled: readonly (readonly [address: string, beside: Params, meaning: Params])[] = [
    [`${NX}q=python&t=0`, { search: 'go' }, { search: 'go', job_type: 'hourly' }],
    [`${NX}q=title:(python)`, { q: 'go' }, { search: 'go' }],
    [`${NX}q=title:(python)`, { search_in: 'skills' }, { search: '(python)', search_in: 'skills' }],
    [`${NX}t=0`, { job_type: 'fixed-price' }, { job_type: 'fixed-price' }],
    [`${NX}job_type=hourly`, { t: '1' }, { t: '1' }],
    [`${NX}duration_v3=week`, { duration_label: 'ongoing' }, { duration_label: 'ongoing' }],
    [`${NX}location=France`, { country: 'US' }, { country: 'US' }],
    [
      `${NX}category2_uid=531770282580668418&subcategory2_uid=531770282593251329`,
      { category: 'translation' },
      { category: 'translation' },
    ],
    [`${NX}amount=100-500`, { budget_min: 1000 }, { budget_min: 1000 }],
    [
      `${NX}t=0,1&amount=100-500&hourly_rate=10-`,
      { hourly_min: 50 },
      { job_type: '1,2', amount: '100-500', hourly_min: 50 },
    ],
    [`${NX}client_hires=1-`, { 'buyer.total_assignments_min': 5 }, { 'buyer.total_assignments_min': 5 }],
    [`${NX}workload=full_time`, { engagement: 'part-time' }, { engagement: 'part-time' }],
    [`${NX}sort=recency`, { sort: 'budget_desc' }, { sort: 'budget_desc' }],
    [`${NX}q=a&per_page=50&page=3`, { limit: 10 }, { search: 'a', limit: 10, offset: 20 }],
    [`${NX}q=a&per_page=50&page=3`, { offset: 20 }, { search: 'a', offset: 20 }],
    [`${NX}q=a&per_page=50&page=3`, { cursor: 'abc' }, { search: 'a', limit: 50, cursor: 'abc' }],
    [
      `${NX}q=a&t=0`,
      { status: 'open', country_not: 'IN' },
      { search: 'a', t: '0', status: 'open', country_not: 'IN' },
    ],
  ];

  it.each(overruled)('gives way, in %s, to %j', (address, beside, meaning) => {
    expect(expand(address, beside)).toEqual(parse(meaning));
  });

  it('still refuses what the caller himself gets wrong', () => {
    expect(faultsOf({ upwork_url: `${NX}t=9`, job_type: 'daily' })).toMatchObject([
      { parameter: 'job_type' },
    ]);
  });

  it('takes parameters that only Upwork has, beside it, for its part', () => {
    const loose = {
      upwork_url: `${NX}q=python`,
      nbs: '1',
      page: '2',
      per_page: 10,
      category2_uid: '531770282580668418',
    };
    expect(parse(loose)).toEqual(
      parse({ search: 'python', limit: 10, offset: 10, category: '531770282580668418' }),
    );
    expect(parse({ ...loose, subcategory2_uid: '531770282593251329' }).filter).not.toHaveProperty(
      'categories',
    );
  });

  it('leaves parameters that nobody has a fault, and those of Upwork too where there is no address', () => {
    expect(faultsOf({ upwork_url: `${NX}q=a`, pagee: '2' })).toMatchObject([{ parameter: 'pagee' }]);
    expect(faultsOf({ page: '2' })).toMatchObject([{ parameter: 'page' }]);
    expect(faultsOf({ upwork_url: '', page: '2' })).toMatchObject([{ parameter: 'page' }]);
  });

  it('goes on by the cursor of a page that has no search to rank by', () => {
    expect(expand(`${NX}t=0&sort=relevance%2Bdesc`, { cursor: 'abc' })).toMatchObject({
      sort: 'posted_on_desc',
      start: { cursor: 'abc' },
    });
  });

  it('passes over page and order where a grammar has neither', () => {
    const grammar = createQueryGrammar({
      rows: FILTER_ROWS,
      createDraft: (empty) => empty,
      finish: ({ filter, warnings }) => ({ filter, warnings }),
    });
    const address = `${NX}q=python&page=3&per_page=500&sort=nonsense`;
    expect(grammar.parse({ upwork_url: address, page: 'x' }, NOW)).toEqual({
      filter: parse({ search: 'python' }).filter,
      warnings: [],
    });
  });

  it('never passes a NUL on', () => {
    expect(JSON.stringify(expand(`${NX}q=a%00b&skills=c%00d&timezone=e%00f`).filter)).not.toContain(
      '\\u0000',
    );
  });

  it('keeps its warnings few, whatever is pasted', () => {
    const { warnings } = expand(
      `${NX}contractor_tier=${Array.from({ length: 100 }, (_, index) => `x${index}`).join()}&${Array.from({ length: 300 }, (_, index) => `n${index}=1`).join('&')}`,
    );
    expect(warnings.length).toBeLessThan(20);
    expect(warnings).toContainEqual(expect.stringMatching(/n9 and 290 more: not understood/));
    expect(warnings).toContainEqual(expect.stringMatching(/90 more values were left out/));
  });

  it('is read, or refused as an invalid parameter, whatever the address', () => {
    const names = fc.constantFrom(
      ...'q t job_type amount budget hourly fixed hourly_rate location timezone page per_page paging sort proposals details skills __proto__ constructor'.split(
        ' ',
      ),
    );
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom(
        '0',
        '1',
        '0,1',
        '-1',
        '1e9',
        '%',
        '%2',
        '%zz',
        '%00',
        'title:(',
        'title:""',
        '"',
        '((',
        'a OR',
        '500,100',
        '99999999999',
        '0;0',
        '7;3',
      ),
    );
    const address = fc
      .tuple(
        fc.constantFrom(
          NX,
          AB,
          FEED,
          `${OLD}?`,
          `${OLD}c/%/sc//t/?`,
          'upwork.com/freelance-jobs/%E0?',
          'https://',
        ),
        fc.array(fc.tuple(names, value), { maxLength: 6 }),
      )
      .map(([start, pairs]) => start + pairs.map(([name, text]) => `${name}=${text}`).join('&'));
    fc.assert(
      fc.property(fc.oneof(address, fc.string({ unit: 'binary', maxLength: 60 }), fc.webUrl()), (text) => {
        try {
          const { limit, start } = expand(text);
          expect(limit).toBeGreaterThan(0);
          expect((start as { offset: number }).offset % limit).toBe(0);
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          expect(error.code).toBe('invalid_parameter');
          expect(error.faults.map(({ parameter }) => parameter)).toEqual(['upwork_url']);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is documented like every parameter', () => {
    const row = JOB_QUERY_GRAMMAR.parameters.find(({ name }) => name === 'upwork_url');
    expect(expand(row!.example).warnings).toEqual([]);
  });
});
