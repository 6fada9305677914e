import type { WebhookEvent } from '../message';
import { fitsBytes, greatestWithin, MAX_BODY_BYTES, shorten } from './fit';

/** So much of a description stays, whatever else there is. */
const KEPT_DESCRIPTION_LENGTH = 2_000;
/** The lists of a job that may be long, the least telling first. */
const LONG_LISTS = ['occupations', 'qualifications', 'tags', 'skills'] as const;

type Members = Readonly<Record<string, unknown>>;

/** A part of an event's data that can be made shorter. */
interface LongPart {
  name: string;
  /** Characters or entries. */
  size: number;
  least: number;
  cut: (data: Members, size: number) => Members;
}

/** The event as it is. One that is too long has its parts shortened, and names them in `truncated`. */
export function formatJson(event: WebhookEvent): string {
  const whole = JSON.stringify(event);
  if (fitsBytes(whole, MAX_BODY_BYTES)) return whole;
  let data = event.data as Members;
  const truncated: string[] = [];
  for (const { name, size, least, cut } of longPartsOf(data)) {
    if (size <= least) continue;
    truncated.push(name);
    const bodyOf = (kept: number) => JSON.stringify({ ...event, data: { ...cut(data, kept), truncated } });
    const kept = greatestWithin(size, (some) => fitsBytes(bodyOf(some), MAX_BODY_BYTES), least);
    data = cut(data, kept);
    const text = bodyOf(kept);
    if (fitsBytes(text, MAX_BODY_BYTES)) return text;
  }
  return whole;
}

function longPartsOf({ job, saved_searches: searches }: Members): LongPart[] {
  const fields = Object(job) as Members;
  const inJob = (data: Members, name: string, value: unknown) => ({
    ...data,
    job: { ...(data.job as Members), [name]: value },
  });
  const parts: LongPart[] = [];
  const { description } = fields;
  if (typeof description === 'string') {
    parts.push({
      name: 'description',
      size: description.length,
      least: KEPT_DESCRIPTION_LENGTH,
      cut: (data, size) => inJob(data, 'description', shorten(description, size)),
    });
  }
  if (Array.isArray(searches)) {
    parts.push({
      name: 'saved_searches',
      size: searches.length,
      least: 0,
      cut: (data, size) => ({ ...data, saved_searches: searches.slice(0, size) }),
    });
  }
  for (const name of LONG_LISTS) {
    const list = fields[name];
    if (!Array.isArray(list)) continue;
    parts.push({
      name,
      size: list.length,
      least: 0,
      cut: (data, size) => inJob(data, name, list.slice(0, size)),
    });
  }
  return parts;
}
