import { resolveCategory } from '../../../domain/categories';
import { emptyContent, type Job } from '../../../domain/job';
import { addMillis, DAY_MS, HOUR_MS, type Timestamp } from '../../../domain/time';

export const NOW: Timestamp = '2026-01-20T12:00:00.000Z';
/** When the first of the jobs was posted; each of the others a minute after the one before, unless it says otherwise. */
const FIRST_POSTED_ON: Timestamp = '2026-01-10T08:00:00.000Z';
export const TIED: Timestamp = '2026-01-12T00:00:00.000Z';

const usd = (amount: number) => ({ amountMinor: Math.round(amount * 100), currency: 'USD' });
const hourly = (min: number | null, max: number | null, currency = 'USD') => ({
  minMinor: min === null ? null : min * 100,
  maxMinor: max === null ? null : max * 100,
  currency,
});
const category = (name: string) => resolveCategory(name).category;

const FIELDS: Readonly<Record<string, Partial<Job>>> = {
  // Names that are easily taken apart.
  csharp: { title: 'Senior C# developer', description: 'Backend in ASP.NET for an insurer' },
  cpp: { title: 'C++ game engine', description: 'Rendering with modern C++17' },
  'plain-c': { title: 'Firmware in C', description: 'Bare metal, no operating system' },
  dotnet: { title: '.NET Core migration', description: 'From the old .NET Framework' },
  'node-js': { title: 'Node.js API', description: 'Express and PostgreSQL' },
  'node-word': { title: 'Node operator for a validator', description: 'Keep the node alive' },
  'vue-js': { title: 'VUE.JS front end' },
  fsharp: { title: 'F# pricing library' },
  gpp: { title: 'Port a makefile to g++' },
  vbnet: { title: 'Maintain a VB.Net tool' },
  network: { title: 'Network engineer', description: 'Routers' },
  h264: { title: 'H264 encoder, 10,000 frames' },
  signs: { title: `It's a 'quoted' back\\slash`, description: 'a:1A <-> & | "double" {curly} 100%' },
  encoded: { title: 'zq632b2b', description: 'zqzq' },
  filters: { title: 'posted_on > 0 OR job_type = 1', skills: ['a" OR "b', 'back\\slash', 'AND'] },

  // Accents and letters of their own.
  'resume-accents': { title: 'Résumé writer' },
  'resume-plain': { title: 'Resume review' },
  cafe: { title: 'Café menu', buyerCity: 'Łódź', buyerCountry: 'PL' },
  strasse: { title: 'Straße zeichnen' },
  naive: { title: 'Nai\u0308ve Bayes classifier' },
  'full-width': { title: 'Ｒｕｓｔ services' },

  // One form of a word and the other.
  logo: { title: 'Design a logo' },
  logos: { title: 'Ten logos for sports teams' },
  painting: { title: 'Painting walls' },
  painted: { title: 'Walls to be painted' },
  company: { title: 'Company profile' },
  companies: { title: 'List of companies' },

  // Phrases.
  'ml-phrase': { title: 'Machine learning engineer' },
  'ml-reversed': { title: 'Learning about a machine' },
  'ml-across-fields': { title: 'A machine', description: 'learning plan' },
  'ml-across-entries': { title: 'Untitled', skills: ['machine', 'learning'] },
  'e-commerce': { title: 'E-commerce shop' },
  'commerce-e': { title: 'Commerce, and the letter e' },
  'clerk-phrase': { title: 'Data entry clerk' },
  // Each two of the words stand as they do in the phrase, the three of them never.
  'clerk-pairs': { title: 'Data entry, then entry clerk, then data for clerk' },
  'buy-buy': { title: 'Buy buy signals' },
  'buy-once': { title: 'Buy signals' },

  // Other scripts.
  japanese: { title: '日本語のウェブサイトを翻訳' },
  'japanese-other': { title: '本日中に対応できる方' },
  chinese: { title: '开发微信小程序', description: '需要前端经验' },
  arabic: { title: 'مطلوب مترجم محترف' },
  hindi: { title: 'हिंदी अनुवादक चाहिए' },
  thai: { title: 'แปลเอกสาร' },
  russian: { title: 'Нужен разработчик сайтов' },
  greek: { title: 'Μετάφραση στα ελληνικά' },
  hebrew: { title: 'דרוש מתרגם' },
  korean: { title: '웹사이트 개발자 구함' },
  emoji: { title: '🚀 Rocket ﬁnance 3D' },

  // Where words are looked for.
  'skill-python': { title: 'Untitled', skills: ['Python', 'Web Scraping'], tags: ['django'] },
  'tag-python': { title: 'Untitled', tags: ['python'] },
  'word-python': { title: 'Untitled', description: 'Some python would help' },
  'city-country': { title: 'Untitled', buyerCity: 'São Paulo', buyerCountry: 'BR' },
  occupation: { title: 'Untitled', occupations: ['Podcast editing'] },
  'web-development': { title: 'Untitled', category: category('Web Development') },
  translation: { title: 'Untitled', category: category('Writing & Translation') },

  // What filters compare.
  'fixed-500': {
    jobType: 2,
    budget: usd(500),
    status: 1,
    contractorTier: 1,
    durationLabel: 'Less than 1 month',
    engagement: 'full-time',
    buyerCountry: 'US',
    buyerPaymentVerified: true,
    buyerTotalSpent: usd(1_000.5),
    buyerTotalAssignments: 0,
    proposalsTier: 'Less than 5',
    totalApplicants: 60,
  },
  'fixed-2000': {
    jobType: 2,
    budget: usd(2_000.5),
    status: 1,
    contractorTier: 3,
    durationLabel: '3 to 6 months',
    workload: 'part-time',
    isContractToHire: true,
    buyerCountry: 'DE',
    buyerPaymentVerified: false,
    buyerTotalSpent: usd(50_000),
    buyerTotalAssignments: 12,
    buyerTotalJobsWithHires: 10,
    totalApplicants: 3,
  },
  'fixed-unknown': { jobType: 2, status: 2, isContractToHire: false },
  'fixed-yen': { jobType: 2, budget: { amountMinor: 50_000, currency: 'JPY' }, buyerCountry: 'JP' },
  'hourly-20-40': {
    jobType: 1,
    hourlyBudget: hourly(20, 40),
    contractorTier: 2,
    buyerTimezone: 'UTC+02:00',
    totalApplicants: 25,
  },
  'hourly-60-up': { jobType: 1, hourlyBudget: hourly(60, null, 'EUR'), workload: 'as-needed' },
  'hourly-to-15': { jobType: 1, hourlyBudget: hourly(null, 15) },
  'hourly-unknown': { jobType: 1 },
  'unknown-700': { budget: usd(700) },

  // Time, order and scope.
  '~01aaaaaaaaaaaaaaaa': { title: 'Tied', postedOn: TIED, ciphertext: '~01aaaaaaaaaaaaaaaa' },
  '1000000000000000002': { title: 'Tied', postedOn: TIED, ciphertext: '~021000000000000000002' },
  '999': { title: 'Tied', postedOn: TIED },
  abcdef: { title: 'Tied', postedOn: TIED },
  visited: { title: 'Tied', postedOn: TIED, lastVisitedAt: '2026-01-19T00:00:00.000Z' },
  updated: { updatedAt: '2026-01-19T06:00:00.000Z' },
  sample: { title: 'Sample posting', isSample: true },
  'inside-the-window': { title: 'Vintage posting', postedOn: addMillis(NOW, -183 * DAY_MS) },
  'past-the-window': { title: 'Vintage posting', postedOn: addMillis(NOW, -185 * DAY_MS) },
};

export const CONTRACT_JOBS: readonly Job[] = Object.entries(FIELDS).map(([id, fields], index) => {
  const postedOn = fields.postedOn ?? addMillis(FIRST_POSTED_ON, index * 60_000);
  return {
    ...emptyContent(),
    id,
    title: 'Untitled',
    version: 1,
    lastVisitedAt: addMillis(postedOn, HOUR_MS),
    firstSeenAt: postedOn,
    verifiedAt: postedOn,
    updatedAt: postedOn,
    searchableAt: null,
    flags: [],
    qualityScore: 1,
    isSample: false,
    ...fields,
    postedOn,
  };
});
