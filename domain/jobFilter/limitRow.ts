import { type ParameterRow, row } from './parameters';
import { type QueryDraft, type Reader, scalar } from './reading';
import { parseWhole } from './values';

export interface LimitDraft extends QueryDraft {
  limit?: number;
}

/** How many entries an answer has. Out of bounds is a fault. */
export function limitRow({
  noun,
  most,
  standard,
}: {
  noun: string;
  most: number;
  standard: number;
}): ParameterRow<LimitDraft> {
  const read: Reader<LimitDraft> = scalar(
    (text) => {
      const value = parseWhole(text);
      return value !== null && value >= 1 && value <= most ? value : null;
    },
    `a whole number from 1 to ${most}`,
    (draft, value) => (draft.limit = value),
  );
  return row('limit', 'integer', {
    description: `${noun} at most.`,
    example: String(standard),
    minimum: 1,
    maximum: most,
    default: standard,
    read,
  });
}
