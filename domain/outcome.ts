/** What became of a row. `unchanged` is an exact repeat; `duplicate` is folded into another posting. */
export type Outcome = 'accepted' | 'updated' | 'unchanged' | 'duplicate' | 'quarantined' | 'rejected';

/** What a run or a batch came to. `received` is the sum of the six. */
export interface IngestReport {
  received: number;
  accepted: number;
  updated: number;
  unchanged: number;
  duplicates: number;
  quarantined: number;
  rejected: number;
  /** Refused, held or folded rows per rule; a row refused for two reasons counts under both. */
  reasons: Record<string, number>;
}

/** Why a run could not go on. */
export interface RunFailure {
  /** An error code, or `mapping_mismatch`. */
  type: string;
  /** A sentence for the operator. */
  message: string;
}

/** Type of the failure of a run of which no mapping fits a whole page. */
export const MAPPING_MISMATCH = 'mapping_mismatch';

export function emptyReport(): IngestReport {
  return {
    received: 0,
    accepted: 0,
    updated: 0,
    unchanged: 0,
    duplicates: 0,
    quarantined: 0,
    rejected: 0,
    reasons: {},
  };
}

export function toReport(
  outcomes: readonly { outcome: Outcome; rows: number }[],
  reasons: readonly { rule: string; rows: number }[],
): IngestReport {
  const rowsOf = (outcome: Outcome) => outcomes.find((count) => count.outcome === outcome)?.rows ?? 0;
  return {
    received: outcomes.reduce((sum, count) => sum + count.rows, 0),
    accepted: rowsOf('accepted'),
    updated: rowsOf('updated'),
    unchanged: rowsOf('unchanged'),
    duplicates: rowsOf('duplicate'),
    quarantined: rowsOf('quarantined'),
    rejected: rowsOf('rejected'),
    reasons: Object.fromEntries(reasons.map(({ rule, rows }) => [rule, rows])),
  };
}

/** The sum of two reports; batches never share a row. */
export function addReports(left: IngestReport, right: IngestReport): IngestReport {
  const reasons = { ...left.reasons };
  for (const [rule, rows] of Object.entries(right.reasons)) reasons[rule] = (reasons[rule] ?? 0) + rows;
  return {
    received: left.received + right.received,
    accepted: left.accepted + right.accepted,
    updated: left.updated + right.updated,
    unchanged: left.unchanged + right.unchanged,
    duplicates: left.duplicates + right.duplicates,
    quarantined: left.quarantined + right.quarantined,
    rejected: left.rejected + right.rejected,
    reasons,
  };
}
