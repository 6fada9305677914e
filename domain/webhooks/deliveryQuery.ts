import { nearestOf } from '../jobFilter/nearest';
import { limitRow } from '../jobFilter/limitRow';
import { choice, row } from '../jobFilter/parameters';
import { createQueryGrammar, type QueryGrammar } from '../jobFilter/queryGrammar';
import { draftList, type QueryDraft, scalar } from '../jobFilter/reading';

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed', 'expired'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export interface ParsedDeliveryQuery {
  /** Null: any. */
  statuses: DeliveryStatus[] | null;
  /** 1 to 100. */
  limit: number;
  /** The page goes on behind this place in the log; null: it begins with the newest. */
  before: number | null;
}

interface DeliveryDraft extends QueryDraft {
  statuses?: DeliveryStatus[];
  limit?: number;
  before?: number;
}

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
const MAX_CURSOR_LENGTH = 15;
const CURSOR = 'the next_cursor of an earlier page';

/** `GET /webhooks/endpoints/{id}/deliveries` */
export const DELIVERY_QUERY_GRAMMAR: QueryGrammar<ParsedDeliveryQuery> = createQueryGrammar({
  rows: [
    row<DeliveryDraft>('status', 'list', {
      description: 'Only those that stand so.',
      example: 'failed,expired',
      values: DELIVERY_STATUSES,
      read: draftList({
        parse: (text) => DELIVERY_STATUSES.find((status) => status === text.toLowerCase()) ?? null,
        suggest: nearestOf(DELIVERY_STATUSES),
        expected: choice('a status', DELIVERY_STATUSES),
        assign: (draft: DeliveryDraft, values) => (draft.statuses = values),
      }),
    }),
    limitRow({ noun: 'Deliveries', most: MAX_LIMIT, standard: DEFAULT_LIMIT }),
    row<DeliveryDraft>('cursor', 'text', {
      description: 'Where an earlier page ended: its next_cursor.',
      example: '48210',
      maximum: MAX_CURSOR_LENGTH,
      read: scalar(
        (text) => (/^\d{1,15}$/.test(text) ? Number(text) : null),
        CURSOR,
        (draft: DeliveryDraft, value) => (draft.before = value),
      ),
    }),
  ],
  createDraft: (empty): DeliveryDraft => empty,
  finish: ({ statuses = null, limit = DEFAULT_LIMIT, before = null }) => ({ statuses, limit, before }),
});
