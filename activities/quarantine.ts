import { recordAct } from '../db/auditLog';
import { readBatch } from '../db/batches';
import type { Db } from '../db/connection';
import { readIngestRun } from '../db/ingestRuns';
import { deleteOutcome, insertOutcomes, readPosting, type StoredPosting } from '../db/postings';
import { decideQuarantined, lockQuarantined, type QuarantinedPosting } from '../db/quarantine';
import { AppError } from '../domain/errors';
import { newJobId } from '../domain/publishing';
import type { Timestamp } from '../domain/time';
import { type Finding, type RuleId, RULES } from '../domain/verificationRules';
import type { Announce } from './announcements';
import { closeSession, openSession, publishPosting } from './publishSession';

/** Which posting an operator decides on, who that is, and when. */
interface Decision {
  id: number;
  /** As the audit log names them. */
  actor: string;
  now: Timestamp;
}

interface Acceptance extends Decision {
  announce: Announce;
}

/**
 * Publishes a posting that was held, as it last came; from now on it is not judged again. Doing it twice does nothing more.
 * Endpoints that are told of it are woken by the schedule.
 * @throws AppError `not_found`, or `conflict` when it was refused before.
 */
export async function acceptQuarantined(db: Db, { id, actor, announce, now }: Acceptance): Promise<void> {
  await db.transaction(async (transaction) => {
    const held = await lockPending(transaction, id, 'accepted');
    if (!held) return;
    const { entry, posting } = held;
    const batch = await readBatch(transaction, entry.batchId);
    const { isSample } = await readIngestRun(transaction, batch.runId);
    await decideQuarantined(transaction, { id, state: 'accepted', now });
    await recordAct(transaction, entryOf('posting.accepted', entry, { actor, now }));
    await deleteOutcome(transaction, entry.batchId, entry.rowNumber);
    const session = await openSession(transaction, { batch, isSample, postings: [posting], now });
    const findings = [findingOf('operator_accepted'), ...posting.findings];
    await publishPosting(session, { ...posting, findings });
    await announce(transaction, await closeSession(session), now);
  });
}

/**
 * Refuses a posting that was held; it is refused again whenever it comes. Doing it twice does nothing more.
 * @throws AppError `not_found`, or `conflict` when it was accepted before.
 */
export async function rejectQuarantined(db: Db, { id, actor, now }: Decision): Promise<void> {
  await db.transaction(async (transaction) => {
    const held = await lockPending(transaction, id, 'rejected');
    if (!held) return;
    const { entry, posting } = held;
    await decideQuarantined(transaction, { id, state: 'rejected', now });
    await recordAct(transaction, entryOf('posting.rejected', entry, { actor, now }));
    await deleteOutcome(transaction, entry.batchId, entry.rowNumber);
    const rule = 'operator_rejected';
    const outcome = {
      rowNumber: entry.rowNumber,
      outcome: 'rejected' as const,
      jobId: newJobId(posting.identities),
      rules: [rule, ...entry.rules],
      findings: [findingOf(rule), ...posting.findings],
    };
    await insertOutcomes(transaction, entry.batchId, [outcome], now);
  });
}

function entryOf(action: string, { id, identity }: QuarantinedPosting, acting: Omit<Decision, 'id'>) {
  return { ...acting, action, accountId: null, subject: String(id), details: { posting: identity.value } };
}

function findingOf(rule: RuleId): Finding {
  return { rule, field: null, raw: null, message: RULES[rule].summary };
}

/** The entry with its posting while it waits; null when it was decided this way already. */
async function lockPending(
  db: Db,
  id: number,
  wanted: 'accepted' | 'rejected',
): Promise<{ entry: QuarantinedPosting; posting: StoredPosting } | null> {
  const entry = await lockQuarantined(db, id);
  if (!entry) throw new AppError('not_found', `There is no posting ${id} in quarantine.`);
  if (entry.state === wanted) return null;
  if (entry.state !== 'pending') throw new AppError('conflict', `Posting ${id} was ${entry.state} before.`);
  const posting = await readPosting(db, entry.batchId, entry.rowNumber);
  if (!posting) throw new AppError('not_found', `The row of posting ${id} is no longer kept.`);
  return { entry, posting };
}
