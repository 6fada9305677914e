import type { Db } from '../../db/connection';
import { type Asker, countRequest } from '../../db/signUpCounts';
import { createTestDatabase, type TestDatabase } from '../support/database';

const NOW = '2026-02-01T12:34:56.000Z';
const PEPPER = 'a pepper of the tests, 32 characters';

describe('counts of who asks', () => {
  let database: TestDatabase;
  let db: Db;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = database.db;
  });
  afterAll(() => database.drop());
  beforeEach(() => db('signup_counts').delete());

  const count = (asker: Asker, now = NOW) => countRequest(db, { asker, pepper: PEPPER, now });
  const from = (address: string): Asker => ({ kind: 'signup-address', address });

  it('give every one of many requests at once a number of its own', async () => {
    const numbers = await Promise.all(Array.from({ length: 20 }, () => count(from('203.0.113.7'))));
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, place) => place + 1));
  });

  it('take the addresses of one IPv6 network of 64 bits for one caller', async () => {
    for (const [address, asked] of [
      ['2001:db8:1:2::1', 1],
      ['2001:db8:1:2:ffff::9', 2],
      ['2001:0DB8:0001:0002:0:0:0:3', 3],
      ['2001:db8:1:3::1', 1],
      ['2001:db8::1', 1],
      ['2001:db8:0:0:5::1', 2],
      ['::1', 1],
    ] as const)
      expect([address, await count(from(address))]).toEqual([address, asked]);
  });

  it('are apart for each address, each purpose and each clock hour', async () => {
    await count(from('203.0.113.7'));
    expect(await count(from('203.0.113.8'))).toBe(1);
    expect(await count({ kind: 'recovery-address', address: '203.0.113.7' })).toBe(1);
    expect(await count(from('203.0.113.7'), '2026-02-01T12:59:59.999Z')).toBe(2);
    expect(await count(from('203.0.113.7'), '2026-02-01T13:00:00.000Z')).toBe(1);
  });
});
