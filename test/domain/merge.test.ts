import {
  addsNothing,
  firstProvenance,
  mergeObservation,
  mergeStates,
  provenanceOf,
} from '../../domain/merge';
import { content, observation } from '../support/jobs';

const EARLY = '2026-01-10T10:00:00.000Z';
const LATER = '2026-01-10T11:00:00.000Z';
const LATEST = '2026-01-10T12:00:00.000Z';

const known = (fields = {}) => ({
  content: content(fields),
  provenance: firstProvenance(observation(LATER)),
});

describe('merging one more observation into a job', () => {
  it('takes the values of a newer one and remembers where each came from', () => {
    const newer = observation(LATEST, { sourceId: 'other', batchId: 'batch-2' });
    const merged = mergeObservation(
      known(),
      { content: content({ title: 'Build a booking site' }), observation: newer },
      {},
    );
    expect(merged.changedFields).toEqual(['title']);
    expect(merged.content.title).toBe('Build a booking site');
    expect(provenanceOf(merged.provenance, 'title')).toEqual(newer);
    expect(provenanceOf(merged.provenance, 'budget')).toEqual(observation(LATER));
  });

  it('never lets null overwrite a value', () => {
    const merged = mergeObservation(
      known(),
      { content: content({ description: null, budget: null }), observation: observation(LATEST) },
      {},
    );
    expect(merged.changedFields).toEqual([]);
    expect(merged.content).toEqual(content());
  });

  it('takes nothing but missing values from an older one', () => {
    const merged = mergeObservation(
      known(),
      {
        content: content({ title: 'An older title', buyerCity: 'Bremen' }),
        observation: observation(EARLY),
      },
      {},
    );
    expect(merged.changedFields).toEqual(['buyerCity']);
    expect(merged.content.title).toBe('Build a booking page');
  });

  it('leaves a value alone when another of the same time differs, so that a repeated file changes nothing', () => {
    const merged = mergeObservation(
      known(),
      { content: content({ title: 'Retitled' }), observation: observation(LATER) },
      {},
    );
    expect(merged.changedFields).toEqual([]);
  });

  it('counts a look that found nothing new as confirming the values', () => {
    const between = { content: content({ title: 'Was true in between' }), observation: observation(LATEST) };
    const seenAgain = { feed: '2026-01-10T13:00:00.000Z' };
    expect(mergeObservation(known(), between, seenAgain).changedFields).toEqual([]);
    expect(mergeObservation(known(), between, {}).changedFields).toEqual(['title']);
  });

  it('does not move the posting time when the posting was renewed', () => {
    const renewed = content({
      postedOn: '2026-01-11T09:00:00.000Z',
      renewedOn: '2026-01-11T09:00:00.000Z',
    });
    const merged = mergeObservation(known(), { content: renewed, observation: observation(LATEST) }, {});
    expect(merged.changedFields).toEqual(['renewedOn']);
    expect(merged.content.postedOn).toBe('2026-01-10T09:00:00.000Z');
  });

  it('sees the same values in another order of keys as the same', () => {
    const current = content({ budget: { currency: 'USD', amountMinor: 50_000 } });
    expect(addsNothing(current, content())).toBe(true);
    expect(addsNothing(current, content({ buyerCity: 'Bremen' }))).toBe(false);
  });
});

describe('merging two jobs into one', () => {
  it('keeps the newer value of each field and fills gaps from either', () => {
    const older = {
      content: content({ buyerCity: 'Bremen' }),
      provenance: firstProvenance(observation(EARLY)),
    };
    const newer = {
      content: content({ title: 'Build a booking site', totalApplicants: 4 }),
      provenance: firstProvenance(observation(LATEST, { batchId: 'batch-2' })),
    };
    const merged = mergeStates(older, newer, {});
    expect(merged.content).toEqual(
      content({ title: 'Build a booking site', totalApplicants: 4, buyerCity: 'Bremen' }),
    );
    expect(provenanceOf(merged.provenance, 'title').batchId).toBe('batch-2');
    expect(provenanceOf(merged.provenance, 'buyerCity').batchId).toBe('batch-1');
  });
});
