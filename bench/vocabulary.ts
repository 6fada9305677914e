import { createRandom, type Random } from './random';

/** Of everyday postings, most frequent first; none of them is one that screening listens to. */
const EVERYDAY_WORDS =
  `the and to of a we for in with our is you on that are be as this will need from it an at have your or by should can
  project team new work experience looking must strong design help product site build data who clear business based
  user skills using good time ability market website content app great people company support system create ideal
  existing development customers quality read write long page details understanding set small weekly add improve part
  current high over first report also please well include into across simple brand plan use feature first manage
  tools process feedback software know platform large goal look ready daily style list story post launch flow
  start next model client own one two three more than each every some other about what when where how which
  their them they us deliver update make keep able get run two weeks month final file files image images
  video audio text page pages form map chart table menu shop store order orders stock price search filter mobile
  screen button layout font colour logo label print book chapter article blog news letter mail campaign audience
  social channel growth lead funnel keyword local world travel hotel garden kitchen house energy
  solar battery motor bike boat farm wine coffee bread school lesson teacher language german
  french spanish italian dutch polish japanese arabic translate subtitle voice sound music mix song game level
  character scene texture animation render architecture drawing plan floor section bridge steel wood concrete
  machine sensor circuit board firmware robot drone camera lens medical health clinic patient nurse therapy yoga
  fitness nutrition recipe legal contract clause policy patent trademark finance budget forecast invoice ledger tax
  audit payroll hiring interview onboarding training remote office calendar meeting minutes notes research survey
  interview question method result chapter science biology chemistry physics maths
  statistics dashboard metric warehouse pipeline stream queue server cloud cluster container network security
  backup restore migrate deploy monitor alert latency scale cache index schema query endpoint token webhook library
  module package plugin theme widget module frontend backend mobile desktop browser extension script automation
  integration crawler parser export import sync upload download archive template workflow ticket`
    .split(/\s+/)
    .filter((word, place, all) => all.indexOf(word) === place);

export const SKILLS = [
  ...[
    'python',
    'javascript',
    'typescript',
    'react',
    'node.js',
    'php',
    'laravel',
    'wordpress',
    'shopify',
    'c++',
  ],
  ...['c#', '.net core', 'java', 'spring boot', 'kotlin', 'swift', 'flutter', 'react native', 'go', 'rust'],
  ...['postgresql', 'mysql', 'mongodb', 'redis', 'elasticsearch', 'aws lambda', 'google cloud', 'docker'],
  ...[
    'kubernetes',
    'terraform',
    'machine learning',
    'deep learning',
    'pytorch',
    'natural language processing',
  ],
  ...['computer vision', 'data visualization', 'tableau', 'power bi', 'microsoft excel', 'google sheets'],
  ...['figma', 'adobe photoshop', 'adobe illustrator', 'adobe indesign', 'after effects', 'premiere pro'],
  ...['logo design', 'brand identity', 'packaging design', 'ui design', 'ux research', 'wireframing'],
  ...['copywriting', 'technical writing', 'proofreading', 'ghostwriting', 'blog writing', 'grant writing'],
  ...['german to english translation', 'spanish to english translation', 'subtitling', 'transcription'],
  ...[
    'seo',
    'google ads',
    'facebook ads manager',
    'email marketing',
    'hubspot',
    'salesforce',
    'lead generation',
  ],
  ...['market research', 'bookkeeping', 'quickbooks online', 'financial modeling', 'payroll accounting'],
  ...['contract drafting', 'intellectual property law', 'recruiting', 'customer service', 'zendesk'],
  ...['project management', 'virtual assistance', 'autocad', 'revit', 'solidworks', 'sketchup', 'blender'],
  ...[
    'unity',
    'unreal engine',
    'arduino',
    'pcb design',
    'embedded systems',
    'matlab',
    'qa testing',
    'selenium',
  ],
];

const VOCABULARY_SIZE = 4_000;
const ONSETS = 'b br c cl d dr f fl g gr h j k l m n p pl pr qu r s sk sl st t tr v w z'.split(' ');
const VOWELS = 'a e i o u ai ea io ou'.split(' ');
const CODAS = ['', '', '', 'l', 'm', 'n', 'nd', 'r', 'rt', 's', 'st', 't', 'x'];

/** Most frequent first: everyday words, then made-up ones for the long tail of names and rarities. */
const VOCABULARY: readonly string[] = [
  ...new Set([...EVERYDAY_WORDS, ...madeUpWords(VOCABULARY_SIZE)]),
].slice(0, VOCABULARY_SIZE);

function madeUpWords(count: number): string[] {
  const random = createRandom(7);
  return Array.from({ length: count }, () => {
    const syllables = random.between(2, 3);
    const parts = Array.from({ length: syllables }, () => random.pick(ONSETS) + random.pick(VOWELS));
    return parts.join('') + random.pick(CODAS);
  });
}

/** Zipf's law: the word of rank r comes with a weight of 1 / (r + 2.7), as in running text. */
const CUMULATIVE = VOCABULARY.reduce<number[]>((sums, _word, rank) => {
  sums.push((sums.at(-1) ?? 0) + 1 / (rank + 2.7));
  return sums;
}, []);

/** The word of that rank, from 0. */
export function wordOfRank(rank: number): string {
  return VOCABULARY[rank] ?? '';
}

/** A word of running text. */
export function drawWord(random: Random): string {
  const target = random.fraction() * (CUMULATIVE.at(-1) ?? 0);
  let low = 0;
  let high = CUMULATIVE.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((CUMULATIVE[middle] ?? 0) < target) low = middle + 1;
    else high = middle;
  }
  return wordOfRank(low);
}
