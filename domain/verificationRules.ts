/** What a rule says about a posting that breaks it. */
export interface Rule {
  /** A hard rule rejects the posting (or holds it for an operator); a soft one flags it. */
  hard: boolean;
  /** For operators and customers: what was found. */
  summary: string;
  /** 0 to 1, taken from the quality score of a posting that a soft rule flags; 0 for hard rules. */
  penalty: number;
}

const hard = (summary: string): Rule => ({ hard: true, summary, penalty: 0 });
const soft = (penalty: number, summary: string): Rule => ({ hard: false, summary, penalty });

/** Every rule by its id, in the order in which a report lists them. Ids are stored and shown: they never change meaning. */
export const RULES = {
  row_malformed: hard('The row could not be read.'),
  row_empty: hard('The row holds no value.'),
  mapping_missing: hard('No mapping knows these columns or fields.'),
  mapping_mismatch: hard('Columns or fields that the given mapping requires are absent.'),
  scrape_failed: hard('Only the address came through: no title, no description, no type.'),
  identity_missing: hard('The posting has no identity and none can be derived.'),
  identity_conflict: hard('The identities that the row states belong to different postings.'),
  title_missing: hard('The posting has no title.'),
  posting_time_missing: hard('No posting time is stated and none can be derived.'),
  posting_time_unresolvable: hard('The posting time is relative and nothing says to when.'),
  posting_time_future: hard('The posting time lies in the future.'),
  posting_time_before_upwork: hard('The posting time lies before Upwork existed.'),
  money_negative: hard('An amount is negative.'),
  money_absurd: hard('An amount is beyond anything a client pays.'),
  money_range_inverted: hard('The lower end of a range lies above the upper end.'),
  currency_unknown: hard('An amount is in a currency that is not known.'),
  url_host_foreign: hard('The address does not lie on a host of Upwork.'),
  description_empty: hard(
    'The description is empty though the source provides one and the posting is not private.',
  ),
  identity_merge_doubtful: hard('Two known postings claim to be one, but their texts do not agree.'),
  screening_rejected: hard(
    'Screening found signs of fraud or of a breach of the terms; the signals are named beside it.',
  ),
  screening_quarantined: hard('Screening is in doubt; the signals are named beside it, an operator decides.'),
  operator_rejected: hard('An operator has refused this posting.'),
  operator_accepted: soft(0, 'This posting was held, and an operator has accepted it.'),
  duplicate_folded: hard(
    'The same client posted nearly the same text; one of the two is shown and answers for both.',
  ),
  possible_duplicate: soft(
    0.05,
    'Another posting has nearly the same text; whether of the same client is not known.',
  ),
  category_unknown: soft(0.05, 'The category is none that is known; it is kept as stated.'),
  description_missing: soft(0.2, 'The source gives no description.'),
  budget_missing: soft(0.1, 'Neither a budget nor an hourly rate is stated.'),
  country_unknown: soft(0.05, 'The country of the client is none that is known.'),
  id_derived: soft(0.15, 'The id is derived from the text; the source states none.'),
  value_unparsed: soft(0.05, 'A value could not be read and counts as unknown.'),
  posting_time_zone_corrected: soft(
    0.05,
    'The stated time was whole hours off the creation time in the id, which was taken instead.',
  ),
} as const satisfies Record<string, Rule>;

export type RuleId = keyof typeof RULES;

/** Something found wrong with one posting. */
export interface Finding {
  rule: RuleId;
  /** Name of the field on the wire; null when the whole row is meant. */
  field: string | null;
  /** The value as received, cut to 200 characters; null when there is none. */
  raw: string | null;
  /** A sentence for people. */
  message: string;
}
