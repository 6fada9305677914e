import { foldText } from './foldedText';
import { DEFAULT_THRESHOLDS, SCREENING_MODEL, scoreOf, type ScreeningThresholds } from './model';
import { type ScreenedPosting, type SignalHit, SIGNALS } from './signals';

export interface ScreeningVerdict {
  verdict: 'accept' | 'quarantine' | 'reject';
  /** 0 to 1, four decimals. */
  score: number;
  modelVersion: string;
  /** What was found, also where it does not suffice; in the order of `SIGNALS`. */
  signals: SignalHit[];
}

/** Judges a posting by its text (the first 20,000 characters) and its client. */
export function screen(
  { content, context }: ScreenedPosting,
  thresholds: ScreeningThresholds = DEFAULT_THRESHOLDS,
): ScreeningVerdict {
  const text = foldText(`${content.title ?? ''}\n${content.description ?? ''}`);
  const subject = { content, context, text };
  const signals = SIGNALS.map(({ detect }) => detect(subject)).filter((hit) => hit !== null);
  const score = scoreOf(signals);
  return { verdict: verdictOf(score, thresholds), score, modelVersion: SCREENING_MODEL.version, signals };
}

function verdictOf(score: number, { quarantine, reject }: ScreeningThresholds): ScreeningVerdict['verdict'] {
  if (score >= reject) return 'reject';
  return score >= quarantine ? 'quarantine' : 'accept';
}
