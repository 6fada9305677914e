import { acceptQuarantined, rejectQuarantined } from '../../activities/quarantine';
import type { Db } from '../../db/connection';
import { readJobHistory } from '../../db/jobHistory';
import { listQuarantined } from '../../db/quarantine';
import { findReadableJob } from '../../db/readJobs';
import type { ReadScope } from '../../domain/readScope';
import { createTestDatabase } from '../support/database';
import { canonicalRecord, ingestRows, TEST_NOW, tellNobody } from '../support/ingest';

const EVERYTHING: ReadScope = { postedSince: null, samples: 'included' };
const FIRST = '2013625432109875200';
const SECOND = '2013625432109875201';

/** More than two hundred characters. */
const TEXT =
  'We run a small hotel by the sea and need a booking page with a calendar, card payments by a provider you know well, ' +
  'confirmation mails in three languages and a simple page for our staff to block rooms. The design is ready in Figma. ' +
  'Please tell us which booking systems you have built before and how long you think this one would take.';

const CLIENT = {
  country: 'PT',
  city: 'Faro',
  contract_date: '2021-04-02T00:00:00.000Z',
  total_spent: 5400,
  total_jobs_with_hires: 7,
};

const first = (fields: Record<string, unknown> = {}) =>
  canonicalRecord({
    id: FIRST,
    title: 'Booking page for a hotel',
    description: TEXT,
    buyer: CLIENT,
    posted_on: '2026-01-10T09:00:00.000Z',
    ...fields,
  });

const second = (fields: Record<string, unknown> = {}) =>
  first({ id: SECOND, posted_on: '2026-01-14T09:00:00.000Z', ...fields });

let db: Db;
let drop: () => Promise<void>;

beforeEach(async () => {
  ({ db, drop } = await createTestDatabase());
});

afterEach(async () => {
  await drop();
});

const answerOf = async (id: string) => (await findReadableJob(db, id, EVERYTHING))?.id;

const shownIds = async () => {
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    'select id from jobs where duplicate_of is null order by id',
  );
  return rows.map(({ id }) => id);
};

describe('a repost of one client', () => {
  it('is folded: the newest open posting is shown, and answers for the other', async () => {
    await ingestRows(db, [first()]);
    const report = await ingestRows(db, [second({ title: 'Booking page for a small hotel' })]);
    expect(report).toMatchObject({
      received: 1,
      accepted: 0,
      duplicates: 1,
      reasons: { duplicate_folded: 1 },
    });
    expect(await shownIds()).toEqual([SECOND]);
    expect(await answerOf(FIRST)).toBe(SECOND);
    expect(await answerOf(SECOND)).toBe(SECOND);
    const { verdicts } = (await readJobHistory(db, SECOND)) ?? {};
    expect(verdicts?.[0]?.findings[0]?.message).toContain(FIRST);
  });

  it('is folded within one batch as between batches', async () => {
    expect(await ingestRows(db, [first(), second()])).toMatchObject({ accepted: 1, duplicates: 1 });
    expect(await shownIds()).toEqual([SECOND]);
  });

  it('does not hide the newer posting when the older comes later', async () => {
    await ingestRows(db, [second()]);
    expect(await ingestRows(db, [first()])).toMatchObject({ duplicates: 1 });
    expect(await shownIds()).toEqual([SECOND]);
  });

  it('leaves a third posting no chain to follow', async () => {
    const third = '2013625432109875202';
    await ingestRows(db, [first()]);
    await ingestRows(db, [second()]);
    await ingestRows(db, [first({ id: third, posted_on: '2026-01-16T09:00:00.000Z' })]);
    expect(await shownIds()).toEqual([third]);
    expect(await answerOf(FIRST)).toBe(third);
    expect(await answerOf(SECOND)).toBe(third);
  });

  it('is not absorbed by a closed one, and comes to the front when the shown one closes', async () => {
    await ingestRows(db, [first(), second()]);
    await ingestRows(db, [second({ status: 2 })], {
      seenAt: '2026-01-21T12:00:00.000Z',
      now: '2026-01-21T12:00:00.000Z',
    });
    expect(await shownIds()).toEqual([FIRST]);
    expect(await answerOf(SECOND)).toBe(FIRST);
  });

  it('is not folded more than a fortnight later', async () => {
    await ingestRows(db, [first({ posted_on: '2025-12-20T09:00:00.000Z' })]);
    const report = await ingestRows(db, [second()]);
    expect(report).toMatchObject({ accepted: 1, duplicates: 0 });
    expect(await shownIds()).toEqual([FIRST, SECOND]);
  });
});

describe('nearly the same text of another client', () => {
  it('stays shown; both are flagged', async () => {
    await ingestRows(db, [first()]);
    const other = second({ buyer: { ...CLIENT, country: 'ES', city: 'Cádiz' } });
    expect(await ingestRows(db, [other])).toMatchObject({ accepted: 1, duplicates: 0 });
    expect(await shownIds()).toEqual([FIRST, SECOND]);
    for (const id of [FIRST, SECOND]) {
      const history = await readJobHistory(db, id);
      expect(history?.job?.flags).toContain('possible_duplicate');
      expect(history?.index?.indexedVersion).toBe(history?.job?.version);
    }
  });
});

describe('a posting that screening stops', () => {
  const scam = (fields: Record<string, unknown> = {}) =>
    first({
      title: 'Rent us your account',
      description:
        'We want to rent your verified freelancer account for a monthly fee. You keep the password, we log in by remote desktop ' +
        'and do all the work under your name. Message me on Telegram @rent_accounts and we pay 200 USD a month.',
      ...fields,
    });

  /** One signal by itself: a messenger named as the way to get in touch. */
  const doubtful = (fields: Record<string, unknown> = {}) =>
    first({
      title: 'Logo for a bakery',
      description: `${TEXT} Please contact me on Telegram @bakery_logo.`,
      ...fields,
    });

  it('is refused with the signals that speak against it', async () => {
    const report = await ingestRows(db, [scam()]);
    expect(report).toMatchObject({ received: 1, rejected: 1, accepted: 0 });
    expect(report.reasons).toMatchObject({ screening_rejected: 1, account_rental: 1 });
    expect(await shownIds()).toEqual([]);
    const history = await readJobHistory(db, FIRST);
    expect(history?.verdicts).toMatchObject([{ outcome: 'rejected', screening: { verdict: 'reject' } }]);
  });

  it('waits for an operator when it is in doubt, and is published when accepted', async () => {
    expect(await ingestRows(db, [doubtful()])).toMatchObject({ quarantined: 1 });
    const [held] = await listQuarantined(db);
    await acceptQuarantined(db, { id: held!.id, actor: 'cli', announce: tellNobody, now: TEST_NOW });
    await acceptQuarantined(db, { id: held!.id, actor: 'cli', announce: tellNobody, now: TEST_NOW });
    expect(await shownIds()).toEqual([FIRST]);
    expect(await listQuarantined(db)).toEqual([]);
    const history = await readJobHistory(db, FIRST);
    expect(history?.verdicts).toMatchObject([
      {
        outcome: 'accepted',
        screening: { verdict: 'quarantine' },
        findings: [{ rule: 'operator_accepted' }],
      },
    ]);
    expect(
      await ingestRows(db, [doubtful({ title: 'Logo, again' })], {
        seenAt: '2026-01-21T12:00:00.000Z',
        now: '2026-01-21T12:00:00.000Z',
      }),
    ).toMatchObject({ updated: 1 });
  });

  it('is refused for good when an operator refuses it', async () => {
    await ingestRows(db, [doubtful()]);
    const [held] = await listQuarantined(db);
    await rejectQuarantined(db, { id: held!.id, actor: 'cli', now: TEST_NOW });
    expect(await ingestRows(db, [doubtful()])).toMatchObject({
      rejected: 1,
      reasons: { operator_rejected: 1 },
    });
    expect(await shownIds()).toEqual([]);
    await expect(
      acceptQuarantined(db, { id: held!.id, actor: 'cli', announce: tellNobody, now: TEST_NOW }),
    ).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});
