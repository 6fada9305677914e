import {
  type DuplicateCandidate,
  duplicateBands,
  duplicateDecision,
  isSameText,
  type Showable,
  visibleOf,
} from '../../domain/nearDuplicate';

const WORDS =
  'ferry ticket reader coverage validation conflict upload event norwegian office harbour winter plan report team invoice ledger bottle crate deposit museum archive letter scan camera garden allotment roof solar panel meter gateway sensor recipe threshold export weather radar phase thesis glacier moraine proof'.split(
    ' ',
  );

/** Numbers from 0 to 1, the same in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function textOfWords(count: number, seed: number): string {
  const random = randomNumbers(seed);
  return Array.from(
    { length: count },
    (_, index) => `${WORDS[Math.floor(random() * WORDS.length)]}${index % 7}`,
  ).join(' ');
}

/** The text with about one word in `every` replaced. */
function edited(text: string, every: number, seed: number): string {
  const random = randomNumbers(seed);
  return text
    .split(' ')
    .map((word, index) => (random() < 1 / every ? `other${index}` : word))
    .join(' ');
}

const DESCRIPTION = textOfWords(80, 7);

const BASE: DuplicateCandidate = {
  title: 'Vue developer for allotment garden software',
  description: DESCRIPTION,
  postedOn: '2026-01-10T00:00:00.000Z',
  clientId: null,
  buyerCountry: 'DE',
  buyerCity: 'Leipzig',
  buyerContractDate: '2017-04-01T00:00:00.000Z',
  buyerTotalSpent: { amountMinor: 6_639_827, currency: 'USD' },
  buyerTotalAssignments: 40,
  buyerTotalJobsWithHires: 24,
};

const candidate = (changes: Partial<DuplicateCandidate> = {}): DuplicateCandidate => ({
  ...BASE,
  ...changes,
});
const later = (changes: Partial<DuplicateCandidate> = {}) =>
  candidate({ postedOn: '2026-01-16T00:00:00.000Z', ...changes });
const NOTHING_KNOWN = {
  buyerCountry: null,
  buyerCity: null,
  buyerContractDate: null,
  buyerTotalSpent: null,
  buyerTotalAssignments: null,
  buyerTotalJobsWithHires: null,
};

describe('the duplicate decision', () => {
  it('folds a repost of one client, also with a few words changed', () => {
    expect(duplicateDecision(later(), candidate())).toBe('fold');
    expect(
      duplicateDecision(
        later({ title: `${BASE.title} (second posting)`, description: edited(DESCRIPTION, 40, 3) }),
        candidate(),
      ),
    ).toBe('fold');
  });

  it('goes by the client id where both postings have one', () => {
    const known = { ...NOTHING_KNOWN, clientId: 'client-1' };
    expect(duplicateDecision(later(known), candidate(known))).toBe('fold');
    expect(duplicateDecision(later({ clientId: 'client-1' }), candidate({ clientId: 'client-2' }))).toBe(
      'flag',
    );
  });

  it('keeps the equal postings of two clients apart', () => {
    expect(duplicateDecision(later({ buyerCountry: 'AT', buyerCity: 'Linz' }), candidate())).toBe('flag');
    expect(duplicateDecision(later({ buyerCity: 'Dresden' }), candidate())).toBe('flag');
    expect(
      duplicateDecision(later({ buyerTotalSpent: { amountMinor: 6_639_827, currency: 'EUR' } }), candidate()),
    ).toBe('flag');
  });

  it('needs three facts that agree, and takes nothing spent by new clients for none', () => {
    const two = { ...NOTHING_KNOWN, buyerCountry: 'DE', buyerCity: 'Leipzig' };
    expect(duplicateDecision(later(two), candidate(two))).toBe('flag');
    const three = { ...two, buyerContractDate: '2017-04-01T00:00:00.000Z' };
    expect(duplicateDecision(later(three), candidate(three))).toBe('fold');
    const newClients = {
      ...NOTHING_KNOWN,
      buyerCountry: 'DE',
      buyerTotalSpent: { amountMinor: 0, currency: 'USD' },
      buyerTotalAssignments: 0,
    };
    expect(duplicateDecision(later(newClients), candidate(newClients))).toBe('flag');
  });

  it('lets spend and hires grow from the older posting to the newer, but not shrink', () => {
    const more = {
      buyerTotalSpent: { amountMinor: 7_000_000, currency: 'USD' },
      buyerTotalJobsWithHires: 25,
    };
    expect(duplicateDecision(later(more), candidate())).toBe('fold');
    expect(duplicateDecision(later(), candidate(more))).toBe('flag');
  });

  it('folds within 14 days, not beyond, and not where a time is unknown', () => {
    expect(duplicateDecision(candidate({ postedOn: '2026-01-24T00:00:00.000Z' }), candidate())).toBe('fold');
    expect(duplicateDecision(candidate({ postedOn: '2026-01-24T00:00:00.001Z' }), candidate())).toBe('flag');
    expect(duplicateDecision(candidate({ postedOn: null }), candidate())).toBe('flag');
  });

  it('does not fold one text posted for two languages, or under an unrelated title', () => {
    const german = candidate({ title: 'German video reviewer' });
    expect(duplicateDecision(later({ title: 'Swedish video reviewer' }), german)).toBe('flag');
    expect(duplicateDecision(later({ title: 'Amazon flat-file expert' }), german)).toBe('flag');
  });

  it('reads an abbreviation in a title as the word it stands for', () => {
    const short = candidate({ title: 'Video editor (20-25 min)' });
    expect(duplicateDecision(later({ title: 'Video editor (20 to 25 minutes)' }), short)).toBe('fold');
  });

  it('is different where the texts are', () => {
    expect(duplicateDecision(later({ description: textOfWords(80, 99) }), candidate())).toBe('different');
    expect(duplicateDecision(later({ description: edited(DESCRIPTION, 4, 5) }), candidate())).toBe(
      'different',
    );
  });

  it('flags short texts only when title and text are equal, and never folds them', () => {
    const short = { description: 'Fix my WordPress site today.' };
    expect(duplicateDecision(later(short), candidate(short))).toBe('flag');
    expect(duplicateDecision(later(short), candidate({ ...short, title: 'Another title' }))).toBe(
      'different',
    );
    expect(duplicateDecision(later({ description: 'Fix my shop today.' }), candidate(short))).toBe(
      'different',
    );
    expect(duplicateDecision(later({ description: 'x '.repeat(99) }), candidate())).toBe('different');
  });

  it('flags titles without any text only for one client', () => {
    const bare = { ...NOTHING_KNOWN, title: 'Data entry', description: null };
    expect(duplicateDecision(later(bare), candidate(bare))).toBe('different');
    const known = { ...bare, clientId: 'client-1' };
    expect(duplicateDecision(later(known), candidate(known))).toBe('flag');
    expect(duplicateDecision(later(known), candidate({ ...known, clientId: 'client-2' }))).toBe('different');
  });
});

describe('the banded index', () => {
  it('gives ten keys, the same for the same text whatever its case and punctuation', () => {
    const bands = duplicateBands(BASE);
    expect(new Set(bands).size).toBe(10);
    for (const band of bands) expect(band).toMatch(/^\d:[0-9a-f]{16}$/);
    const shouted = { title: `${BASE.title.toUpperCase()}!`, description: DESCRIPTION.replaceAll(' ', ', ') };
    expect(duplicateBands(shouted)).toEqual(bands);
  });

  it('keeps the keys that are stored: a change of the hash would lose every candidate', () => {
    expect(
      duplicateBands({ title: 'Fix a sticky header', description: 'It jumps on scroll.' }).slice(0, 2),
    ).toEqual(['0:d66abe246f2502f1', '1:a3c6a5b93138c21c']);
  });

  it('finds at least 98 of 100 texts that count as the same', () => {
    let same = 0;
    let found = 0;
    for (let seed = 1; same < 200; seed += 1) {
      const description = textOfWords(60 + (seed % 240), seed);
      const copy = { title: BASE.title, description: edited(description, 20 + (seed % 80), seed + 1) };
      if (!isSameText({ title: BASE.title, description }, copy)) continue;
      same += 1;
      const bands = new Set(duplicateBands(copy));
      if (duplicateBands({ title: BASE.title, description }).some((band) => bands.has(band))) found += 1;
    }
    expect(found / same).toBeGreaterThanOrEqual(0.98);
  });

  it('makes hardly a candidate of unrelated texts', () => {
    const bands = Array.from({ length: 200 }, (_, index) =>
      duplicateBands({ title: `Title ${index}`, description: textOfWords(150, index + 1000) }),
    );
    expect(new Set(bands.flat()).size).toBeGreaterThan(1990);
  });

  it('takes texts of nothing and of a million characters', () => {
    expect(duplicateBands({ title: '', description: null })).toHaveLength(10);
    expect(duplicateBands({ title: 'x', description: 'word '.repeat(200_000) })).toHaveLength(10);
  });
});

describe('which of two duplicates is shown', () => {
  const showable = (changes: Partial<Showable>): Showable => ({
    id: 'a',
    status: 1,
    postedOn: '2026-01-10T00:00:00.000Z',
    ...changes,
  });

  it.each([
    ['the newest of two open ones', {}, { id: 'b', postedOn: '2026-01-11T00:00:00.000Z' }, 'b'],
    [
      'an open one before a newer closed one',
      {},
      { id: 'b', status: 2, postedOn: '2026-01-11T00:00:00.000Z' },
      'a',
    ],
    ['one whose status is unknown before a closed one', { status: 2 }, { id: 'b', status: null }, 'b'],
    [
      'the newest of two closed ones',
      { status: 2 },
      { id: 'b', status: 2, postedOn: '2026-01-11T00:00:00.000Z' },
      'b',
    ],
    ['the smaller id of two of one time', {}, { id: 'b' }, 'a'],
  ] as const)('is %s, whichever is named first', (_name, left, right, shown) => {
    const [one, other] = [showable(left), showable(right)];
    expect(visibleOf(one, other).id).toBe(shown);
    expect(visibleOf(other, one).id).toBe(shown);
  });
});
