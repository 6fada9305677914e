import type { FormatOptions, WebhookEvent } from '../message';
import { shorten, shortenToBytes } from './fit';
import { bodyWithin, type RecordField, recordFields, type RecordValue } from './record';

const DEFAULT_OBJECT = 'Lead';
/** The most that a field of type Text takes. */
const MAX_LINE_LENGTH = 255;
/** What the standard long fields take; a long text area of one's own takes at least this unless its length was lowered. */
const MAX_LONG_BYTES = 32_000;

interface ObjectDefaults {
  /** What fills its fields when no map is given. */
  fields: Readonly<Record<string, string>>;
  /** What fills those without which Salesforce refuses it, when a map leaves them out or has nothing for them. */
  required: Readonly<Record<string, string>>;
}

const lead = { LastName: 'title', Company: '=Upwork client' };
const task = { Subject: 'title' };
const DEFAULTS: Readonly<Record<string, ObjectDefaults>> = {
  Lead: { fields: { ...lead, Title: 'title', Website: 'url', Description: 'summary' }, required: lead },
  Task: { fields: { ...task, Description: 'summary' }, required: task },
};

/** The objects of which a map of fields need not be given. */
export const SALESFORCE_OBJECTS = Object.keys(DEFAULTS);

/** Standard fields that take less than others of their kind, in any object that has them. */
const SHORT_FIELDS: ReadonlyMap<string, number> = new Map([
  ['LastName', 80],
  ['FirstName', 40],
  ['Title', 128],
  ['City', 40],
  ['State', 80],
  ['Country', 80],
  ['PostalCode', 20],
  ['Phone', 40],
  ['MobilePhone', 40],
  ['Fax', 40],
  ['Email', 80],
]);

/**
 * A record of an sObject, as `POST /services/data/vXX.X/sobjects/<object>` takes it: flat, with numbers and truth values as such.
 * Limits: https://developer.salesforce.com/docs/atlas.en-us.sfFieldRef.meta/sfFieldRef/salesforce_field_reference_Lead.htm; what is
 * longer is refused as a whole (STRING_TOO_LONG). Lines are counted in characters; fields of several lines, when they come by the API,
 * in bytes (https://help.salesforce.com/s/articleView?id=000382141).
 */
export function formatSalesforce(
  event: WebhookEvent,
  { object = DEFAULT_OBJECT, fields }: FormatOptions,
): string {
  const defaults = DEFAULTS[object];
  const record = recordFields(event, fields ?? defaults?.fields ?? {});
  const filled = new Set(record.map(({ name }) => name));
  const missing = recordFields(event, defaults?.required ?? {}).filter(({ name }) => !filled.has(name));
  return bodyWithin(MAX_LONG_BYTES, (most) =>
    JSON.stringify(
      Object.fromEntries([...record, ...missing].map((field) => [field.name, valueWithin(field, most)])),
    ),
  );
}

function valueWithin({ name, value, isLong }: RecordField, most: number): RecordValue {
  if (typeof value !== 'string') return value;
  const length = SHORT_FIELDS.get(name);
  if (isLong && length === undefined) return shortenToBytes(value, most);
  return shorten(value, length ?? MAX_LINE_LENGTH);
}
