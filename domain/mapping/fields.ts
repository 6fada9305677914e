import { FIELD_NAMES, JOB_FIELDS, type JobField } from '../job';
import type { ParseKind } from './ruleSchema';

/** What a field holds, which decides how its values may be read. */
export type FieldKind =
  | 'title'
  | 'description'
  | 'line'
  | 'jobType'
  | 'status'
  | 'contractorTier'
  | 'duration'
  | 'workload'
  | 'proposalsTier'
  | 'category'
  | 'country'
  | 'labels'
  | 'names'
  | 'count'
  | 'score'
  | 'boolean'
  | 'money'
  | 'moneyRange'
  | 'time'
  | 'uid'
  | 'ciphertext';

/** A field that a mapping can fill: those of the job, and the two that only say which posting it is. */
export type MappedField = JobField | 'uid' | 'url';

const KIND_OF_FIELD: Readonly<Record<MappedField, FieldKind>> = {
  uid: 'uid',
  url: 'ciphertext',
  ciphertext: 'ciphertext',
  title: 'title',
  description: 'description',
  jobType: 'jobType',
  status: 'status',
  contractorTier: 'contractorTier',
  category: 'category',
  budget: 'money',
  hourlyBudget: 'moneyRange',
  skills: 'labels',
  tags: 'labels',
  durationLabel: 'duration',
  engagement: 'workload',
  workload: 'workload',
  isContractToHire: 'boolean',
  numberOfPositions: 'count',
  proposalsTier: 'proposalsTier',
  location: 'line',
  qualifications: 'names',
  occupations: 'names',
  isPrivate: 'boolean',
  privacyReason: 'line',
  postedOn: 'time',
  createdOn: 'time',
  renewedOn: 'time',
  lastBuyerActivity: 'time',
  totalApplicants: 'count',
  totalHired: 'count',
  totalInvitedToInterview: 'count',
  unansweredInvites: 'count',
  invitationsSent: 'count',
  buyerPaymentVerified: 'boolean',
  buyerCountry: 'country',
  buyerCity: 'line',
  buyerTimezone: 'line',
  buyerTotalSpent: 'money',
  buyerTotalAssignments: 'count',
  buyerTotalJobsWithHires: 'count',
  buyerActiveAssignments: 'count',
  buyerFeedbackCount: 'count',
  buyerScore: 'score',
  buyerOpenJobsCount: 'count',
  buyerCompanyIndustry: 'line',
  buyerCompanySize: 'line',
  buyerContractDate: 'time',
  clientId: 'line',
};

const WORDS: readonly ParseKind[] = ['text', 'html', 'enum'];
const LISTS: readonly ParseKind[] = ['list', 'python-list'];
const VOCABULARY: readonly ParseKind[] = ['enum'];

/** How each kind of field can be read, the default first. */
export const PARSE_KINDS_OF: Readonly<Record<FieldKind, readonly ParseKind[]>> = {
  title: WORDS,
  description: WORDS,
  line: WORDS,
  category: WORDS,
  country: WORDS,
  jobType: VOCABULARY,
  status: VOCABULARY,
  contractorTier: VOCABULARY,
  duration: VOCABULARY,
  workload: VOCABULARY,
  proposalsTier: VOCABULARY,
  labels: LISTS,
  names: LISTS,
  count: ['number', 'enum'],
  score: ['number', 'enum'],
  boolean: ['boolean', 'enum'],
  money: ['money'],
  moneyRange: ['moneyRange'],
  time: ['time', 'relativeTime', 'idTime'],
  uid: ['text'],
  ciphertext: ['upworkUrl'],
};

const FIELD_BY_NAME: ReadonlyMap<string, MappedField> = new Map<string, MappedField>([
  ['uid', 'uid'],
  ['url', 'url'],
  ...JOB_FIELDS.map((field): [string, MappedField] => [FIELD_NAMES[field], field]),
]);

/** Names of all fields that a mapping can fill. */
export const MAPPED_FIELD_NAMES: readonly string[] = [...FIELD_BY_NAME.keys()];

/** The field behind a name on the wire; null when there is none. */
export function fieldNamed(name: string): MappedField | null {
  return FIELD_BY_NAME.get(name) ?? null;
}

export function kindOfField(field: MappedField): FieldKind {
  return KIND_OF_FIELD[field];
}
