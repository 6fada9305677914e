import { exampleJobView } from '../../../api/examples';
import type { JobView } from '../../../domain/jobView';
import {
  type EventDetails,
  jsonEventBody,
  type StoredEvent,
  webhookBody,
} from '../../../domain/webhooks/body';
import { EVENT_KINDS, eventSchema, exampleEvent } from '../../../domain/webhooks/events';
import { MAX_BODY_BYTES } from '../../../domain/webhooks/formats/fit';
import { WEBHOOK_FORMATS } from '../../../domain/webhooks/message';

const bytesOf = (text: string) => Buffer.byteLength(text);

interface JobBody {
  type: string;
  data: {
    job: JobView;
    saved_searches: { id: string; name: string }[];
    changed_fields?: string[];
    truncated?: string[];
  };
}

function stored(fields: Partial<JobView> = {}, details: EventDetails = {}): StoredEvent {
  return {
    id: 'evt_4f9d1c0a7be24a0f8d3b5e6a90c1d2e3',
    type: 'job.matched',
    created_at: '2026-01-20T09:04:33.000Z',
    payload: JSON.stringify({ ...exampleJobView, ...fields }),
    details: { saved_searches: [], ...details },
  };
}
const searches = (most: number, name = 'React, fixed price') =>
  Array.from({ length: most }, (_, n) => ({
    id: `2b4d6a3c-8a52-4c0e-9d0a-${String(n).padStart(12, '0')}`,
    name,
  }));
const read = (event: StoredEvent): JobBody => {
  const body = jsonEventBody(event);
  expect(bytesOf(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
  return JSON.parse(body) as JobBody;
};

describe('the body of an event', () => {
  it.each(Object.entries(EVENT_KINDS))(
    'of %s, put together from its pieces, is what the catalogue says',
    (type, kind) => {
      const { id, created_at, data } = exampleEvent(type, kind, exampleJobView);
      const { job, ...details } = data as { job?: JobView };
      const event = job
        ? { id, type, created_at, payload: JSON.stringify(job), details }
        : { id, type, created_at, payload: JSON.stringify(data), details: {} };
      const body: unknown = JSON.parse(jsonEventBody(event));
      expect(body).toEqual({ id, type, created_at, data });
      expect(eventSchema(type, kind).safeParse(body).error).toBeUndefined();
    },
  );

  it('says beside its type that it is sent anew', () => {
    const event = stored({}, { replayed: true });
    expect(JSON.parse(jsonEventBody(event))).toEqual({
      id: event.id,
      type: 'job.matched',
      replayed: true,
      created_at: event.created_at,
      data: { job: exampleJobView, saved_searches: [] },
    });
    expect(JSON.parse(webhookBody(event, { format: 'slack', options: {} }))).toMatchObject({
      text: 'New job (sent anew): Build a booking page in React',
    });
  });

  it('holds the text of the payload as it is stored', () => {
    const payload = '{"id":"1",  "title":"a \\u2028 <b>"}';
    expect(jsonEventBody({ ...stored(), payload })).toContain(
      `"data":{"job":${payload},"saved_searches":[]}}`,
    );
  });

  it('that is long but not too long stays whole', () => {
    const description = 'ü'.repeat(100_000);
    expect(read(stored({ description })).data).toEqual({
      job: { ...exampleJobView, description },
      saved_searches: [],
    });
  });

  it('that is too long has a shorter description, as long as there is room for, and says so', () => {
    const description = '日本🙂'.repeat(40_000);
    const event = stored({ description }, { saved_searches: searches(3) });
    const { data } = read(event);
    expect(data.truncated).toEqual(['description']);
    expect(bytesOf(jsonEventBody(event))).toBeGreaterThan(MAX_BODY_BYTES - 20);
    expect(data.job.description).toMatch(/^(?:日本🙂)+(?:日本?)?…$/u);
    expect({ ...data.job, description }).toEqual({ ...exampleJobView, description });
    expect(data.saved_searches).toHaveLength(3);
    const updated = {
      ...event,
      type: 'job.updated',
      details: { ...event.details, changed_fields: ['title'] },
    };
    const kind = EVENT_KINDS['job.updated']!;
    expect(eventSchema('job.updated', kind).safeParse(read(updated)).error).toBeUndefined();
  });

  it('keeps the beginning of the description where thousands of saved searches match, and as many of them as fit', () => {
    const description = 'word '.repeat(10_000);
    const { data } = read(stored({ description }, { saved_searches: searches(10_000, '"'.repeat(100)) }));
    expect(data.truncated).toEqual(['description', 'saved_searches']);
    expect(data.job.description!.length).toBeGreaterThan(1_990);
    expect(data.saved_searches.length).toBeGreaterThan(900);
    expect(data.saved_searches).toEqual(searches(data.saved_searches.length, '"'.repeat(100)));
  });

  it('leaves out the end of lists of the job when nothing else helps', () => {
    const line = '\\"'.repeat(250);
    const many = Array.from({ length: 300 }, () => line);
    const { data } = read(stored({ description: null, occupations: many, qualifications: many }));
    expect(data.truncated).toEqual(['occupations', 'qualifications']);
    expect(data.job.occupations).toEqual([]);
    expect(data.job.qualifications.length).toBeGreaterThan(200);
    expect(data.job.skills).toEqual(exampleJobView.skills);
  });

  it.each(WEBHOOK_FORMATS)('in the format %s is within 256 KiB', (format) => {
    const event = stored({ description: '日'.repeat(100_000) }, { saved_searches: searches(10_000) });
    const body = webhookBody(event, { format, options: { chat_id: '1' } });
    expect(bytesOf(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
  });
});
