import { createHash } from 'node:crypto';
import type { JobContent } from '../../domain/job';
import type { MappedPosting } from '../../domain/mapping/applyMapping';
import { verify } from '../../domain/verification';
import { content } from '../support/jobs';

const NOW = '2026-01-20T12:00:00.000Z';
const UID = '2013625432109875200';

const posting = (fields: Partial<JobContent> = {}, row: Partial<MappedPosting> = {}): MappedPosting => ({
  mappingName: 'made-up',
  uid: UID,
  ciphertext: null,
  content: content(fields),
  observedAt: null,
  providesDescription: true,
  findings: [],
  ...row,
});

const check = (mapped: MappedPosting, shiftMs = 0) =>
  verify(mapped, {
    now: NOW,
    sourceId: 'feed',
    shiftMs,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
  });

const rules = (mapped: MappedPosting) => check(mapped).findings.map((finding) => finding.rule);

describe('verification', () => {
  it('accepts a whole posting without findings', () => {
    const verification = check(posting());
    expect(verification.accepted).toBe(true);
    expect(verification.findings).toEqual([]);
    expect(verification.qualityScore).toBe(1);
    expect(verification.identities).toEqual([{ kind: 'uid', value: UID }]);
  });

  it.each<[string, MappedPosting, string]>([
    ['no title', posting({ title: null }), 'title_missing'],
    ['a future time', posting({ postedOn: '2026-01-20T13:00:01.000Z' }), 'posting_time_future'],
    ['a time before Upwork', posting({ postedOn: '2015-05-04T23:59:59.000Z' }), 'posting_time_before_upwork'],
    ['a negative budget', posting({ budget: { amountMinor: -1, currency: 'USD' } }), 'money_negative'],
    [
      'an absurd budget',
      posting({ budget: { amountMinor: 1_000_000_001, currency: 'USD' } }),
      'money_absurd',
    ],
    [
      'a range upside down',
      posting({ hourlyBudget: { minMinor: 3000, maxMinor: 2000, currency: 'USD' } }),
      'money_range_inverted',
    ],
    ['two uids', posting({}, { ciphertext: '~021' }), 'identity_conflict'],
    ['an empty description', posting({ description: null }), 'description_empty'],
    ['nothing to go by', posting({ title: null }, { uid: null }), 'identity_missing'],
  ])('refuses a posting with %s', (_what, mapped, rule) => {
    const verification = check(mapped);
    expect(verification.accepted).toBe(false);
    expect(verification.findings.map((finding) => finding.rule)).toContain(rule);
  });

  it('gives a failed scrape one reason, not one for each field it lacks', () => {
    expect(rules(posting({ title: null, description: null, jobType: null, budget: null }))).toContain(
      'scrape_failed',
    );
    expect(rules(posting({ title: null, description: null, jobType: null }))).not.toContain('title_missing');
  });

  it('takes an hour of clock difference for no future', () => {
    expect(check(posting({ postedOn: '2026-01-20T13:00:00.000Z' })).accepted).toBe(true);
  });

  it('lets a private posting have no description', () => {
    const verification = check(posting({ description: null, isPrivate: true }));
    expect(verification.accepted).toBe(true);
  });

  it('flags what is missing without refusing it, and lowers the score', () => {
    const bare = posting(
      { description: null, budget: null, buyerCountry: null },
      { providesDescription: false },
    );
    const verification = check(bare);
    expect(verification.accepted).toBe(true);
    expect(verification.flags).toEqual(['description_missing', 'budget_missing', 'country_unknown']);
    expect(verification.qualityScore).toBeLessThan(1);
  });

  it('takes the posting time from the id where the row states none', () => {
    const verification = check(posting({ postedOn: null }));
    expect(verification.content.postedOn).toBe('2026-01-20T14:51:29.023Z');
    expect(verification.content.createdOn).toBe(verification.content.postedOn);
  });

  it('refuses a relative time that nothing resolves, unless the id tells the time', () => {
    const unresolved = {
      findings: [
        { rule: 'posting_time_unresolvable' as const, field: 'posted_on', raw: '2 hours ago', message: '' },
      ],
    };
    const rulesOf = (uid: string | null) =>
      rules(posting({ postedOn: null }, { ...unresolved, uid, ciphertext: '~01aaaaaaaaaaaaaaaa' }));
    expect(rulesOf(null)).toEqual(['posting_time_unresolvable']);
    expect(check(posting({ postedOn: null }, { ...unresolved, uid: '1978704153911649005' })).accepted).toBe(
      true,
    );
  });

  it('derives an id from source, title and text where there is neither id nor address', () => {
    const first = check(posting({}, { uid: null }));
    const again = check(posting({ title: '  Build a BOOKING page!' }, { uid: null }));
    expect(first.flags).toContain('id_derived');
    expect(first.identities).toEqual(again.identities);
    expect(first.identities[0]?.value).toMatch(/^[0-9a-f]{32}$/);
  });

  it('shifts every time of the posting, and judges the shifted ones', () => {
    const day = 86_400_000;
    const old = posting(
      { postedOn: '2014-01-01T00:00:00.000Z', renewedOn: '2014-01-02T00:00:00.000Z' },
      { uid: '5', ciphertext: null },
    );
    const verification = check(old, 4_000 * day);
    expect(verification.accepted).toBe(true);
    expect(verification.content.postedOn).toBe('2024-12-14T00:00:00.000Z');
    expect(verification.content.renewedOn).toBe('2024-12-15T00:00:00.000Z');
  });
});
