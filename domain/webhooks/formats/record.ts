import { jobMembers } from '../../jobShape';
import type { JobView } from '../../jobView';
import { noticeOf } from '../events';
import type { WebhookEvent } from '../message';
import type { Notice } from '../notice';
import { fitsBytes, MAX_BODY_BYTES } from './fit';

/** Stands before a text that goes into a field as it is. */
export const FIXED_TEXT = '=';

/** Values that a record can have besides those of the job. */
const EVENT_VALUES = ['event.id', 'event.type', 'event.created_at', 'saved_searches', 'summary'] as const;

/** The names of all that a field can be filled with: a job's values (`title`, `budget.fixed_amount`) and the event's. */
export const RECORD_VALUES: readonly string[] = [
  ...jobMembers(null).flatMap((member) =>
    'members' in member ? member.members.map(({ name }) => `${member.name}.${name}`) : [member.name],
  ),
  ...EVENT_VALUES,
];

/** Those that may be long, and of several lines. */
const LONG_VALUES: ReadonlySet<string> = new Set(['description', 'summary']);

export type RecordValue = string | number | boolean;

export interface RecordField {
  name: string;
  value: RecordValue;
  isLong: boolean;
}

/** The fields of a record by a map from each to the name of what fills it; those for which there is nothing are left out. */
export function recordFields(event: WebhookEvent, map: Readonly<Record<string, string>>): RecordField[] {
  const notice = noticeOf(event);
  return Object.entries(map).flatMap(([name, source]) => {
    const value = source.startsWith(FIXED_TEXT)
      ? source.slice(FIXED_TEXT.length)
      : valueOf(source, event, notice);
    return value === null || value === '' ? [] : [{ name, value, isLong: LONG_VALUES.has(source) }];
  });
}

/**
 * A body that has room: with many fields of long values less goes into each.
 * @param bodyWith The body with so much in each value at most.
 */
export function bodyWithin(most: number, bodyWith: (most: number) => string): string {
  const body = bodyWith(most);
  return fitsBytes(body, MAX_BODY_BYTES) ? body : bodyWithin(Math.floor(most / 2), bodyWith);
}

function valueOf(source: string, { id, type, created_at }: WebhookEvent, notice: Notice): RecordValue | null {
  switch (source) {
    case 'event.id':
      return id;
    case 'event.type':
      return type;
    case 'event.created_at':
      return created_at;
    case 'saved_searches':
      return notice.savedSearches.join(', ');
    case 'summary':
      return summaryOf(notice);
    default:
      return notice.job ? valueOfJob(notice.job, source) : valueOfNotice(notice, source);
  }
}

/** Lists as both services take several choices: with semicolons. */
function valueOfJob(job: JobView, source: string): RecordValue | null {
  const [name = '', member] = source.split('.');
  const outer = (job as Readonly<Record<string, unknown>>)[name];
  const value = member === undefined ? outer : (Object(outer) as Record<string, unknown>)[member];
  if (Array.isArray(value)) return value.join(';');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

/** What is about no job has these two alone. */
function valueOfNotice({ title, text }: Notice, source: string): string | null {
  if (source === 'title') return title;
  return source === 'description' ? text : null;
}

function summaryOf({ heading, url, text, facts }: Notice): string {
  const lines = [
    heading,
    ...facts.map(({ name, value }) => `${name}: ${value}`),
    ...(url === null ? [] : [url]),
  ];
  return text === null ? lines.join('\n') : `${lines.join('\n')}\n\n${text}`;
}
