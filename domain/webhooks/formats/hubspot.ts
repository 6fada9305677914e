import type { FormatOptions, WebhookEvent } from '../message';
import { shorten } from './fit';
import { bodyWithin, recordFields } from './record';

const MAX_VALUE_LENGTH = 65_536;
const DEFAULT_OBJECT = 'deals';

/** What fills the properties of an object whose map nobody has given. */
const DEFAULT_FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  deals: { dealname: 'title', description: 'summary', amount: 'budget.fixed_amount' },
  // They need a stage: those that every account begins with.
  tickets: { subject: 'title', content: 'summary', hs_pipeline: '=0', hs_pipeline_stage: '=1' },
};

/** The objects of which a map of fields need not be given. */
export const HUBSPOT_OBJECTS = Object.keys(DEFAULT_FIELDS);

/**
 * What creates an object in HubSpot's CRM, whose kind is in the address. Values are texts, whatever the property's type.
 * Limits: https://knowledge.hubspot.com/properties/property-field-types-in-hubspot (65,536 characters of a text); properties that an
 * object needs: https://developers.hubspot.com/docs/guides/api/crm/objects/deals and .../tickets.
 */
export function formatHubspot(
  event: WebhookEvent,
  { object = DEFAULT_OBJECT, fields }: FormatOptions,
): string {
  const record = recordFields(event, fields ?? DEFAULT_FIELDS[object] ?? {});
  return bodyWithin(MAX_VALUE_LENGTH, (most) =>
    JSON.stringify({
      properties: Object.fromEntries(record.map(({ name, value }) => [name, shorten(String(value), most)])),
    }),
  );
}
