import {
  parseBoolean,
  parseContractorTier,
  parseDuration,
  parseJobType,
  parseProposalsTier,
  parseStatus,
  parseWorkload,
} from '../../domain/vocabulary';

const readers = {
  parseJobType,
  parseStatus,
  parseContractorTier,
  parseDuration,
  parseWorkload,
  parseProposalsTier,
  parseBoolean,
} as const;

const variants: readonly [keyof typeof readers, unknown, readonly string[]][] = [
  ['parseJobType', 1, ['1', 'Hourly', 'hourly', 'HOURLY', ' hourly ']],
  [
    'parseJobType',
    2,
    ['2', 'fixed', 'Fixed-price', 'fixed_budget', 'FIXED', 'FIXED_PRICE', 'fixed price', 'Fixed Price'],
  ],
  ['parseJobType', 1, ['Hourly:', 'Hourly: $15.00 - $30.00', 'Hourly - €20']],
  ['parseJobType', 2, ['Fixed: $500', 'Fixed-price: 1.500,00 €']],
  ['parseBoolean', true, ['Payment verified', 'Payment method verified']],
  ['parseBoolean', false, ['Payment unverified', 'Payment method not verified']],
  ['parseJobType', null, ['1-500', '2: 30', 'no_budget', '', '3', 'weekly', 'x'.repeat(1_000)]],
  ['parseStatus', 1, ['1', 'open', 'OPEN', 'Active']],
  ['parseStatus', 2, ['2', 'closed', 'Cancelled', 'filled']],
  ['parseStatus', null, ['maybe', '0']],
  [
    'parseContractorTier',
    1,
    ['1', 'Entry', 'Entry level', 'Entry Level ($)', 'ENTRY_LEVEL', 'beginner', 'jsn_EntryLevel_207', '$'],
  ],
  ['parseContractorTier', 2, ['2', 'Intermediate', 'Intermediate ($$)', 'INTERMEDIATE', 'mid-level', 'Mid']],
  ['parseContractorTier', 3, ['3', 'Expert', 'Expert ($$$)', 'EXPERT', 'advanced', 'jsn_Expert_207']],
  ['parseContractorTier', null, ['NONE', 'any', '4']],
  [
    'parseDuration',
    'Less than 1 month',
    [
      'Less than 1 month',
      '< 1 month',
      '<1 month',
      'Less than 1 week',
      'less than a month',
      'WEEK',
      'less_than_1_month',
      '1 to 4 weeks',
    ],
  ],
  [
    'parseDuration',
    '1 to 3 months',
    ['1 to 3 months', '1-3 months', '1 – 3 Months', 'MONTH', 'QUARTER', 'ONE_TO_THREE_MONTHS'],
  ],
  ['parseDuration', '3 to 6 months', ['3 to 6 months', '3-6 months', 'SEMESTER', 'semester']],
  [
    'parseDuration',
    'More than 6 months',
    ['More than 6 months', '6+ months', '> 6 months', 'ONGOING', 'over 6 months'],
  ],
  ['parseDuration', null, ['More than 3 months', '2 to 5 months', '1 year', '']],
  [
    'parseWorkload',
    'full-time',
    [
      '30+ hrs/week',
      '30+',
      'More than 30 hrs/week',
      'FULL_TIME',
      'fullTime',
      'full-time',
      'usnuxt_Engagement_421.fullTime',
      '40 hours per week',
    ],
  ],
  [
    'parseWorkload',
    'part-time',
    [
      'Less than 30 hrs/week',
      '10-30 hrs/week',
      'Less than 10 hrs/week',
      '<30',
      'partTime',
      'PART_TIME',
      '10 to 30 hrs/week',
      'usnuxt_Engagement_421.partTime',
      '20 hrs/week',
    ],
  ],
  [
    'parseWorkload',
    'as-needed',
    ['notSure', 'not_sure', 'NOT_SURE', 'Hours to be determined', 'AS_NEEDED', 'As needed'],
  ],
  ['parseWorkload', null, ['10+ hrs/week', 'SINGLE_JOB', 'Hourly: 10+ hrs/week', '']],
  ['parseProposalsTier', 'Less than 5', ['Less than 5', 'lessThan5', '0-4', '0 to 5', '<5', 'less_than_5']],
  ['parseProposalsTier', '5 to 10', ['5 to 10', '5to10', '5-9', '5 - 10', '5 - 9', '5–10']],
  ['parseProposalsTier', '10 to 15', ['10 to 15', '10to15', '10-14', '10-15']],
  ['parseProposalsTier', '15 to 20', ['15 to 20', '15to20', '15-19']],
  ['parseProposalsTier', '20 to 50', ['20 to 50', '20to50', '20-49', '20 - 50']],
  ['parseProposalsTier', '50+', ['50+', '50', '50Plus', '50-', 'more than 50', '50plus']],
  ['parseProposalsTier', null, ['510', '5', '12', '5 to 50', 'many']],
  ['parseBoolean', true, ['1', 'true', 'TRUE', 'yes', 'y', 'on', 'verified']],
  ['parseBoolean', false, ['0', 'false', 'False', 'no', 'n', 'off', 'unverified']],
  ['parseBoolean', null, ['2', 'maybe', '']],
];

describe.each(variants)('%s', (name, expected, texts) => {
  it.each(texts)(`takes %j for ${String(expected)}`, (text) => {
    expect(readers[name](text)).toBe(expected);
  });
});
