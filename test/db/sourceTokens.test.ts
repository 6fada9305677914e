import { hashApiKey } from '../../db/apiKeys';
import type { Db } from '../../db/connection';
import { registerSource } from '../../db/sources';
import { findSourceToken, issueSourceToken } from '../../db/sourceTokens';
import { createTestDatabase } from '../support/database';

const PEPPER = 'a pepper of the tests, 32 characters';
const NOW = '2026-02-01T12:00:00.000Z';

describe('source tokens', () => {
  let db: Db;
  let drop: () => Promise<void>;
  beforeEach(async () => {
    ({ db, drop } = await createTestDatabase());
    await registerSource(db, { id: 'partner', kind: 'push', isSample: false });
  });
  afterEach(() => drop());

  const issue = (sourceId = 'partner') => issueSourceToken(db, { sourceId, pepper: PEPPER, now: NOW });

  it('keeps everything of a token but the token', async () => {
    const { id, secret, lastFour } = await issue();
    const [row] = await db('source_tokens');
    expect(row).toEqual({
      id,
      source_id: 'partner',
      hash: hashApiKey(secret, PEPPER),
      last_four: secret.slice(-4),
      created_at: NOW,
      revoked_at: null,
    });
    expect(lastFour).toBe(secret.slice(-4));
  });

  it('finds the source by the hash of its token under the right pepper', async () => {
    const { id, secret } = await issue();
    expect(await findSourceToken(db, hashApiKey(secret, PEPPER))).toEqual({
      token: { id, revokedAt: null },
      source: { id: 'partner', mapping: null, paused: false },
    });
    expect(await findSourceToken(db, hashApiKey(secret, `${PEPPER}!`))).toBeNull();
  });

  it('issues none for a source that is not there or does not push', async () => {
    await registerSource(db, { id: 'feed', kind: 'file', isSample: false });
    await expect(issue('nobody')).rejects.toMatchObject({ code: 'not_found' });
    await expect(issue('feed')).rejects.toMatchObject({ code: 'conflict' });
  });
});
