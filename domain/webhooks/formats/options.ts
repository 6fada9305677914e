import type { FieldFault } from '../../errors';
import { nearestName } from '../../names';
import type { WebhookFormat } from '../message';
import { HUBSPOT_OBJECTS } from './hubspot';
import { FIXED_TEXT, RECORD_VALUES } from './record';
import { SALESFORCE_OBJECTS } from './salesforce';

const MAX_FIELDS = 50;
const MAX_FIXED_LENGTH = 255;
const MAX_SHOWN_LENGTH = 100;

/** The number of a chat (groups have negative ones), or the name of a public one. */
const CHAT_ID = /^(?:-?\d{1,19}|@[A-Za-z]\w{3,31})$/;

/** What a CRM allows for names, and which of its objects we know how to fill. */
interface CrmNames {
  object: RegExp;
  field: RegExp;
  known: readonly string[];
}

const CRMS: Partial<Record<WebhookFormat, CrmNames>> = {
  hubspot: { object: /^[A-Za-z0-9_-]{1,100}$/, field: /^[a-z][a-z0-9_]{0,99}$/, known: HUBSPOT_OBJECTS },
  salesforce: {
    object: /^[A-Za-z]\w{0,79}$/,
    field: /^[A-Za-z]\w{0,79}$/,
    known: SALESFORCE_OBJECTS,
  },
};

const OPTIONS: Readonly<Record<WebhookFormat, readonly string[]>> = {
  json: [],
  slack: [],
  discord: [],
  telegram: ['chat_id'],
  hubspot: ['object', 'fields'],
  salesforce: ['object', 'fields'],
};

/** Every fault of an endpoint's `format_options`, which are good for formatWebhook when there is none. */
export function checkFormatOptions(format: WebhookFormat, options: unknown): FieldFault[] {
  if (!isObject(options)) return [fault('', options, 'This is no object.')];
  const crm = CRMS[format];
  return [
    ...unknownOptions(format, options),
    ...(format === 'telegram' ? chatFaults(options.chat_id) : []),
    ...(crm ? crmFaults(crm, options) : []),
  ];
}

function unknownOptions(format: WebhookFormat, options: Readonly<Record<string, unknown>>): FieldFault[] {
  const known = OPTIONS[format];
  return Object.keys(options)
    .filter((name) => !known.includes(name))
    .slice(0, MAX_FIELDS)
    .map((name) => {
      const message =
        known.length === 0
          ? `The format ${format} has no options.`
          : `The format ${format} has no such option.`;
      return { ...fault(name, options[name], message), ...suggestion(name, known) };
    });
}

function chatFaults(chatId: unknown): FieldFault[] {
  if (typeof chatId === 'string' && CHAT_ID.test(chatId)) return [];
  const message =
    chatId === undefined
      ? 'Telegram has to be told into which chat to write.'
      : 'This is no chat: give its number as text, or the name of a public one.';
  return [{ ...fault('chat_id', chatId, message), expected: '-1001234567890 or @name_of_channel' }];
}

function crmFaults(crm: CrmNames, { object, fields }: Readonly<Record<string, unknown>>): FieldFault[] {
  const faults: FieldFault[] = [];
  if (object !== undefined && !(typeof object === 'string' && crm.object.test(object))) {
    faults.push(fault('object', object, 'This is no name of an object.'));
  } else if (typeof object === 'string' && fields === undefined && !crm.known.includes(object)) {
    faults.push({
      ...fault(
        'fields',
        fields,
        `Say what fills the fields of ${object}: of ${crm.known.join(' and ')} alone it is known.`,
      ),
      ...suggestion(object, crm.known),
    });
  }
  return fields === undefined ? faults : [...faults, ...mapFaults(crm, fields)];
}

function mapFaults(crm: CrmNames, fields: unknown): FieldFault[] {
  if (!isObject(fields)) return [fault('fields', fields, 'This is no object of fields and what fills each.')];
  const entries = Object.entries(fields);
  if (entries.length === 0 || entries.length > MAX_FIELDS) {
    return [fault('fields', undefined, `There are 1 to ${MAX_FIELDS} fields, not ${entries.length}.`)];
  }
  return entries.flatMap(([name, source]) => {
    const path = `fields.${name.slice(0, MAX_SHOWN_LENGTH)}`;
    if (!crm.field.test(name)) return [fault(path, name, 'This is no name of a field.')];
    return sourceFaults(path, source);
  });
}

function sourceFaults(path: string, source: unknown): FieldFault[] {
  if (typeof source !== 'string') return [fault(path, source, 'This is no text.')];
  if (source.startsWith(FIXED_TEXT)) {
    const length = source.length - FIXED_TEXT.length;
    if (length >= 1 && length <= MAX_FIXED_LENGTH) return [];
    return [fault(path, source, `A text after ${FIXED_TEXT} has 1 to ${MAX_FIXED_LENGTH} characters.`)];
  }
  if (RECORD_VALUES.includes(source)) return [];
  return [
    {
      ...fault(path, source, 'A job has no field of this name.'),
      expected: `a field of the job, such as title or budget.fixed_amount, or ${FIXED_TEXT} and a text`,
      ...suggestion(source, RECORD_VALUES),
    },
  ];
}

function fault(name: string, received: unknown, message: string): FieldFault {
  return {
    parameter: name === '' ? 'format_options' : `format_options.${name.slice(0, 2 * MAX_SHOWN_LENGTH)}`,
    message,
    ...(typeof received === 'string' && { received: received.slice(0, MAX_SHOWN_LENGTH) }),
  };
}

function suggestion(name: string, known: readonly string[]): Pick<FieldFault, 'did_you_mean'> {
  const nearest = nearestName(name, known);
  return nearest === null ? {} : { did_you_mean: nearest };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
