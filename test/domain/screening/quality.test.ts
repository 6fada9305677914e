import { qualityReport } from '../../../domain/screening/quality';
import type { ScreeningVerdict } from '../../../domain/screening/screen';
import type { SignalId } from '../../../domain/screening/signals';

const row = (isBad: boolean, verdict: ScreeningVerdict['verdict'], ...signals: SignalId[]) => ({
  isBad,
  verdict: {
    verdict,
    score: 0.5,
    modelVersion: 'test',
    signals: signals.map((signal) => ({ signal, evidence: 'x', strength: 1 })),
  },
});

describe('the quality report', () => {
  const report = qualityReport([
    row(true, 'reject', 'upfront_fee', 'contact_email'),
    row(true, 'reject', 'upfront_fee'),
    row(true, 'quarantine', 'contact_email'),
    row(true, 'accept'),
    row(false, 'reject', 'contact_email'),
    row(false, 'accept'),
    row(false, 'accept'),
  ]);

  it('counts verdicts against labels, for rejection and for rejection or quarantine', () => {
    expect(report.rows).toBe(7);
    expect(report.reject).toEqual({
      precision: 0.6667,
      recall: 0.5,
      f1: 0.5714,
      confusion: { true_positives: 2, false_positives: 1, true_negatives: 2, false_negatives: 2 },
    });
    expect(report.reject_or_quarantine).toEqual({
      precision: 0.75,
      recall: 0.75,
      f1: 0.75,
      confusion: { true_positives: 3, false_positives: 1, true_negatives: 2, false_negatives: 1 },
    });
  });

  it('says of each signal that was found how often it was right', () => {
    expect(report.signals).toEqual({
      upfront_fee: { hits: 2, true_positives: 2, false_positives: 0, precision: 1 },
      contact_email: { hits: 3, true_positives: 2, false_positives: 1, precision: 0.6667 },
    });
  });

  it('claims no precision where nothing was held back', () => {
    const nothing = qualityReport([row(false, 'accept')]);
    expect(nothing.reject).toMatchObject({ precision: null, recall: null, f1: null });
  });
});
