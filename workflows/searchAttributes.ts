import { defineSearchAttributeKey } from '@temporalio/common';

/** By which operators find workflows in the Temporal UI. */
export const SOURCE_ID = defineSearchAttributeKey('SourceId', 'KEYWORD');
export const ACCOUNT_ID = defineSearchAttributeKey('AccountId', 'KEYWORD');
export const ENDPOINT_ID = defineSearchAttributeKey('EndpointId', 'KEYWORD');
/** How an endpoint stands (domain/webhooks/endpointReport.ts): `failing`, `resting` and `disabled` ones want attention. */
export const ENDPOINT_STATE = defineSearchAttributeKey('EndpointState', 'KEYWORD');
