import { createHash } from 'node:crypto';
import { type CompiledMapping, compileMapping } from '../../domain/mapping/applyMapping';
import { parseMappingDocument } from '../../domain/mapping/mappingDocument';
import { type RowVerdict, verifyRow } from '../../domain/rowVerification';
import type { Timestamp } from '../../domain/time';
import { rowOfValue } from '../file/rows';
import { shippedMappings } from '../mappings';

/** A pushed posting as received, and what verification made of it. */
export interface PushedPosting {
  rowNumber: number;
  /** JSON text. */
  payload: string;
  /** Why it cannot be read as a posting at all; null where it can. */
  broken: string | null;
  verdict: RowVerdict;
}

interface PushContext {
  sourceId: string;
  /** The source's own mapping document; null when each posting's is picked from those shipped. */
  mapping: unknown;
  /** When the postings arrived: they were observed then, where they do not say themselves. */
  arrivedAt: Timestamp;
}

/**
 * Reads and verifies what one call pushes, posting by posting.
 * @throws AppError `invalid_parameter` when the source's own mapping is none.
 */
export function createPostingReader({ sourceId, mapping, arrivedAt }: PushContext) {
  const context = {
    mappings: mapping === null ? mappingsForPush : [compileMapping(parseMappingDocument(mapping))],
    given: mapping !== null,
    now: arrivedAt,
    sourceId,
    scrapedAt: null,
    seenAt: arrivedAt,
    shift: null,
    hash: (text: string) => createHash('sha256').update(text).digest('hex'),
  };
  return (value: unknown, rowNumber: number): PushedPosting => {
    const { row } = rowOfValue(value, `Posting ${rowNumber}`, () => textOf(value));
    return {
      rowNumber,
      payload: JSON.stringify(row.record ?? row.text ?? ''),
      broken: row.broken,
      verdict: verifyRow(row, context),
    };
  };
}

/** By one of these a row shows that it means our own shape, bare as it may be. */
const OWN_FIELDS = ['title', 'id', 'uid', 'ciphertext', 'url', 'description', 'posted_on', 'publish_time'];

/** Those shipped; a row that has the shape of no other is read as our own, of which few fields are required. */
const mappingsForPush: readonly CompiledMapping[] = [
  ...ownShape(),
  ...shippedMappings.filter(({ document }) => document.name !== 'canonical'),
];

/**
 * Our own shape, with less asked of a row than by any other mapping, so that it is picked last. A row that leaves its description
 * out, or says that it is unknown, has none; one that gives an empty one is refused like everywhere.
 */
function ownShape(): CompiledMapping[] {
  const canonical = shippedMappings.find(({ document }) => document.name === 'canonical');
  if (!canonical) throw new Error('The canonical mapping is not among those shipped.');
  const document = { ...canonical.document, match: { all: [], any: OWN_FIELDS, none: [] } };
  const otherFields = Object.entries(document.fields).filter(([name]) => name !== 'description');
  const withoutDescription = compileMapping({ ...document, fields: Object.fromEntries(otherFields) });
  return [
    {
      ...withoutDescription,
      matches: (record) => (record.description ?? null) === null && withoutDescription.matches(record),
    },
    compileMapping(document),
  ];
}

/** What is nested too deep for a row may be so for JSON, too. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '';
  }
}
