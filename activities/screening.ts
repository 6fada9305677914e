import { readBatch } from '../db/batches';
import type { Db } from '../db/connection';
import { readIngestRun } from '../db/ingestRuns';
import { findJobIds, readStoredJobs, recordSightings } from '../db/jobs';
import {
  insertOutcomes,
  type PostingOutcome,
  readUndecidedPostings,
  type StoredPosting,
} from '../db/postings';
import { holdPosting, type QuarantineState, readDecisions } from '../db/quarantine';
import { countPostingsOfClients, insertScreeningVerdicts, type RowVerdictOfScreening } from '../db/screening';
import { type Identity, identityKey } from '../domain/identity';
import { addsNothing } from '../domain/merge';
import { knownJobIds, newJobId, type StoredJob } from '../domain/publishing';
import type { ScreeningThresholds } from '../domain/screening/model';
import { screen, type ScreeningVerdict } from '../domain/screening/screen';
import { storableText } from '../domain/text';
import type { Timestamp } from '../domain/time';
import { type Finding, type RuleId, RULES } from '../domain/verificationRules';
import { mapInTurns } from './turns';

export interface ScreeningServices {
  db: Db;
  now: () => Timestamp;
  thresholds: ScreeningThresholds;
}

export type ScreeningActivities = ReturnType<typeof createScreeningActivities>;

export interface ScreenedBatch {
  unchanged: number;
  quarantined: number;
  rejected: number;
}

export function createScreeningActivities({ db, now, thresholds }: ScreeningServices) {
  /**
   * Screen: finds the exact repeats, which on a source polled every few minutes are most of its rows and need no publishing, and
   * judges the others: what is fraud is refused, what is in doubt is held for an operator. Needs no turn: what it decides is
   * the same whether the batches before are published or not.
   */
  async function screenBatch(batchId: string): Promise<ScreenedBatch> {
    return await db.transaction(async (transaction) => {
      const batch = await readBatch(transaction, batchId, { lock: true });
      if (batch.publishedAt !== null) return { unchanged: 0, quarantined: 0, rejected: 0 };
      const { isSample } = await readIngestRun(transaction, batch.runId);
      const postings = await readUndecidedPostings(transaction, batchId);
      const repeats = await findRepeats(transaction, postings, isSample);
      await recordSightings(
        transaction,
        batch.sourceId,
        repeats.map(({ posting, job }) => ({ jobId: job.id, observedAt: posting.observedAt })),
      );
      const repeatedRows = new Set(repeats.map(({ posting }) => posting.rowNumber));
      const others = postings.filter(({ rowNumber }) => !repeatedRows.has(rowNumber));
      const stopped = await judge(transaction, batchId, others, { now: now(), thresholds });
      const outcomes = [...repeats.map(unchanged), ...stopped];
      await insertOutcomes(transaction, batchId, outcomes, now());
      const count = (outcome: string) => outcomes.filter((row) => row.outcome === outcome).length;
      return {
        unchanged: count('unchanged'),
        quarantined: count('quarantined'),
        rejected: count('rejected'),
      };
    });
  }

  return { screenBatch };
}

interface Repeat {
  posting: StoredPosting;
  job: StoredJob;
}

/** Postings that say nothing new about the one job that all their identities point to. */
async function findRepeats(db: Db, postings: readonly StoredPosting[], isSample: boolean): Promise<Repeat[]> {
  const jobIds = await findJobIds(
    db,
    postings.flatMap(({ identities }) => identities),
  );
  const jobIdOf = (identities: readonly Identity[]): string | undefined => {
    const [jobId, ...others] = knownJobIds(identities, jobIds);
    const isAllKnown = identities.every((identity) => jobIds.has(identityKey(identity)));
    return others.length === 0 && isAllKnown ? jobId : undefined;
  };
  const jobs = await readStoredJobs(db, [...new Set(jobIds.values())]);
  return postings.flatMap((posting) => {
    const job = jobs.get(jobIdOf(posting.identities) ?? '');
    if (!job) return [];
    const makesItReal = job.isSample && !isSample;
    return addsNothing(job, posting.content) && !makesItReal ? [{ posting, job }] : [];
  });
}

function unchanged({ posting, job }: Repeat): PostingOutcome {
  const { rowNumber, flags, findings } = posting;
  return { rowNumber, outcome: 'unchanged', jobId: job.id, rules: flags, findings };
}

/** Outcomes of the postings that go no further. Those an operator has accepted before are not judged again. */
async function judge(
  db: Db,
  batchId: string,
  postings: readonly StoredPosting[],
  { now, thresholds }: { now: Timestamp; thresholds: ScreeningThresholds },
): Promise<PostingOutcome[]> {
  const decisions = await readDecisions(
    db,
    postings.flatMap(({ identities }) => identities),
  );
  const postingsOfClients = await countPostingsOfClients(db, clientsOf(postings));
  const judgements = await mapInTurns(postings, (posting) => {
    const decision = decisionOn(posting, decisions);
    if (decision === 'accepted' || decision === 'rejected') return { posting, decision };
    const { content } = posting;
    const known = content.clientId === null ? undefined : postingsOfClients.get(content.clientId);
    const context = {
      postingsOfClientLast24h: content.clientId === null ? null : (known ?? 0) + 1,
      clientsWithSameText: null,
    };
    return { posting, verdict: storable(screen({ content, context }, thresholds)) };
  });
  const outcomes: PostingOutcome[] = [];
  const verdicts: RowVerdictOfScreening[] = [];
  for (const { posting, decision, verdict } of judgements) {
    if (decision === 'rejected') {
      outcomes.push(stop(posting, 'rejected', ['operator_rejected'], [finding('operator_rejected')]));
    }
    if (!verdict) continue;
    if (verdict.signals.length > 0) verdicts.push({ rowNumber: posting.rowNumber, verdict });
    if (verdict.verdict === 'accept') continue;
    const stopped = stopByVerdict(posting, verdict);
    if (stopped.outcome === 'quarantined') {
      await holdPosting(db, batchId, { ...posting, rules: stopped.rules }, now);
    }
    outcomes.push(stopped);
  }
  await insertScreeningVerdicts(db, batchId, verdicts, now);
  return outcomes;
}

/** Evidence is a piece of the text, and may have been cut within a character. */
function storable(verdict: ScreeningVerdict): ScreeningVerdict {
  const signals = verdict.signals.map((hit) => ({ ...hit, evidence: storableText(hit.evidence) }));
  return { ...verdict, signals };
}

function clientsOf(postings: readonly StoredPosting[]): { clientId: string; postedOn: Timestamp }[] {
  return postings.flatMap(({ content: { clientId, postedOn } }) =>
    clientId === null || postedOn === null ? [] : [{ clientId, postedOn }],
  );
}

function decisionOn(
  { identities }: StoredPosting,
  decisions: ReadonlyMap<string, QuarantineState>,
): QuarantineState | undefined {
  return identities
    .map((identity) => decisions.get(identityKey(identity)))
    .find((state) => state !== undefined);
}

function stopByVerdict(
  posting: StoredPosting,
  { verdict, score, signals }: ScreeningVerdict,
): PostingOutcome {
  const [outcome, rule] =
    verdict === 'reject'
      ? (['rejected', 'screening_rejected'] as const)
      : (['quarantined', 'screening_quarantined'] as const);
  const evidence = signals.map(({ signal, evidence: piece }) => `${signal} (${piece})`).join('; ');
  const rules = [rule, ...signals.map(({ signal }) => signal)];
  return stop(posting, outcome, rules, [finding(rule, ` Score ${score}: ${evidence}.`)]);
}

function finding(rule: RuleId, detail = ''): Finding {
  return { rule, field: null, raw: null, message: RULES[rule].summary + detail };
}

function stop(
  posting: StoredPosting,
  outcome: 'rejected' | 'quarantined',
  rules: string[],
  findings: Finding[],
): PostingOutcome {
  return {
    rowNumber: posting.rowNumber,
    outcome,
    jobId: newJobId(posting.identities),
    rules,
    findings: [...findings, ...posting.findings],
  };
}
