import { defineSearchAttributeKey } from '@temporalio/common';

/** By which operators find workflows in the Temporal UI. */
export const SOURCE_ID = defineSearchAttributeKey('SourceId', 'KEYWORD');
export const ACCOUNT_ID = defineSearchAttributeKey('AccountId', 'KEYWORD');
