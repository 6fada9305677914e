import type { Db } from '../../db/connection';
import {
  findAddedSource,
  listAddedSources,
  type NewSource,
  putSource,
  registerSource,
  removeSource,
  setSourcePaused,
} from '../../db/sources';
import { createTestDatabase } from '../support/database';

const NOW = '2026-01-20T12:00:00.000Z';
const LATER = '2026-01-20T13:00:00.000Z';

let db: Db;
let drop: () => Promise<void>;

beforeEach(async () => {
  ({ db, drop } = await createTestDatabase());
});

afterEach(async () => {
  await drop();
});

const feed = (fields: Partial<NewSource> = {}): NewSource => ({
  id: 'feed',
  kind: 'http',
  location: 'https://example.com/feed',
  intervalSeconds: 300,
  mapping: null,
  options: { maxPages: 100 },
  now: NOW,
  ...fields,
});

/** Sets the marks that a run leaves with its source. */
const readHalfway = () =>
  db.raw(`update sources set cursor = '{"url": "p2"}', validators = '{"etag": "v1"}' where id = 'feed'`);

const marks = async () => await db('sources').where({ id: 'feed' }).first('cursor', 'validators');

describe('adding a source', () => {
  it('comes to the same when it is done twice', async () => {
    const first = await putSource(db, feed());
    await readHalfway();
    expect(await putSource(db, feed({ now: LATER }))).toEqual(first);
    expect(first).toMatchObject({ id: 'feed', kind: 'http', addedAt: NOW, paused: false });
    expect(await marks()).toEqual({ cursor: { url: 'p2' }, validators: { etag: 'v1' } });
  });

  it.each([
    ['location', { location: 'https://example.com/other' }],
    ['mapping', { mapping: { name: 'mine' } }],
    ['options', { options: { maxPages: 3 } }],
  ])('begins at the beginning when its %s changes', async (_, change) => {
    await putSource(db, feed());
    await readHalfway();
    expect(await putSource(db, feed(change))).toMatchObject(change);
    expect(await marks()).toEqual({ cursor: null, validators: null });
  });

  it('goes on where it was when only the interval changes, and stays paused', async () => {
    await putSource(db, feed());
    await readHalfway();
    await setSourcePaused(db, 'feed', true);
    const changed = await putSource(db, feed({ intervalSeconds: 60 }));
    expect(changed).toMatchObject({ intervalSeconds: 60, paused: true });
    expect(await marks()).toMatchObject({ cursor: { url: 'p2' } });
  });

  it('takes over a name that ingest has used, and keeps whether its postings are samples', async () => {
    await registerSource(db, { id: 'feed', kind: 'file', isSample: true });
    expect(await findAddedSource(db, 'feed')).toBeNull();
    expect(await putSource(db, feed())).toMatchObject({ kind: 'http', isSample: true, addedAt: NOW });
  });
});

describe('removing a source', () => {
  it('takes it off the list, as often as one likes, and lets it be added anew', async () => {
    await putSource(db, feed());
    await readHalfway();
    await setSourcePaused(db, 'feed', true);
    expect(await removeSource(db, 'feed', NOW)).toBe(true);
    expect(await removeSource(db, 'feed', LATER)).toBe(true);
    expect(await listAddedSources(db)).toEqual([]);
    expect(await setSourcePaused(db, 'feed', false)).toBeNull();
    expect(await putSource(db, feed({ now: LATER }))).toMatchObject({ paused: false, addedAt: LATER });
    expect(await marks()).toEqual({ cursor: null, validators: null });
  });

  it('leaves its name to files that are ingested, whatever it read before', async () => {
    await putSource(db, feed());
    const file = { id: 'feed', kind: 'file', isSample: false } as const;
    expect(await registerSource(db, file)).toMatchObject({ kind: 'http' });
    await removeSource(db, 'feed', NOW);
    expect(await registerSource(db, file)).toMatchObject({ kind: 'file' });
  });

  it('knows no source that was never added', async () => {
    await registerSource(db, { id: 'feed', kind: 'file', isSample: false });
    expect(await removeSource(db, 'feed', NOW)).toBe(false);
    expect(await removeSource(db, 'nobody', NOW)).toBe(false);
  });
});
