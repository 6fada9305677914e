import type { ScreeningVerdict } from './screen';
import { type SignalId, SIGNALS } from './signals';

export interface Confusion {
  true_positives: number;
  false_positives: number;
  true_negatives: number;
  false_negatives: number;
}

/** How well a verdict agrees with labels; null where nothing is there to divide by. */
export interface Measures {
  precision: number | null;
  recall: number | null;
  f1: number | null;
  confusion: Confusion;
}

/** What a signal found: in how many rows, how many of them labelled bad. */
export interface SignalQuality {
  hits: number;
  true_positives: number;
  false_positives: number;
  precision: number | null;
}

export interface QualityReport {
  /** Rows with a label; the others are skipped. */
  rows: number;
  reject: Measures;
  reject_or_quarantine: Measures;
  /** Signals that found something, by id. */
  signals: Partial<Record<SignalId, SignalQuality>>;
}

export interface LabelledVerdict {
  isBad: boolean;
  verdict: ScreeningVerdict;
}

/** Compares verdicts with labels. */
export function qualityReport(labelled: readonly LabelledVerdict[]): QualityReport {
  return {
    rows: labelled.length,
    reject: measure(labelled, ({ verdict }) => verdict.verdict === 'reject'),
    reject_or_quarantine: measure(labelled, ({ verdict }) => verdict.verdict !== 'accept'),
    signals: Object.fromEntries(
      SIGNALS.map(({ id }) => [id, signalQuality(labelled, id)] as const).filter(([, { hits }]) => hits > 0),
    ),
  };
}

function measure(
  labelled: readonly LabelledVerdict[],
  isPositive: (row: LabelledVerdict) => boolean,
): Measures {
  const confusion = { true_positives: 0, false_positives: 0, true_negatives: 0, false_negatives: 0 };
  for (const row of labelled) {
    if (isPositive(row)) confusion[row.isBad ? 'true_positives' : 'false_positives'] += 1;
    else confusion[row.isBad ? 'false_negatives' : 'true_negatives'] += 1;
  }
  const { true_positives: hits, false_positives: wrong, false_negatives: missed } = confusion;
  return {
    precision: ratio(hits, hits + wrong),
    recall: ratio(hits, hits + missed),
    f1: ratio(2 * hits, 2 * hits + wrong + missed),
    confusion,
  };
}

function signalQuality(labelled: readonly LabelledVerdict[], id: SignalId): SignalQuality {
  const hits = labelled.filter(({ verdict }) => verdict.signals.some(({ signal }) => signal === id));
  const bad = hits.filter(({ isBad }) => isBad).length;
  return {
    hits: hits.length,
    true_positives: bad,
    false_positives: hits.length - bad,
    precision: ratio(bad, hits.length),
  };
}

/** Four decimals. */
function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : Number((part / whole).toFixed(4));
}
