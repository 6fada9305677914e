import type { CompiledMapping } from './applyMapping';
import type { SourceRecord } from './record';

/** The mapping whose shape the row has; where several do, the one that requires most, then the first by name. Null when none does. */
export function pickMapping(
  mappings: readonly CompiledMapping[],
  record: SourceRecord,
): CompiledMapping | null {
  let best: CompiledMapping | null = null;
  for (const mapping of mappings) {
    if (!mapping.matches(record)) continue;
    if (best === null || isMoreSpecific(mapping, best)) best = mapping;
  }
  return best;
}

function isMoreSpecific(one: CompiledMapping, other: CompiledMapping): boolean {
  const difference = requirements(one) - requirements(other);
  return difference === 0 ? one.document.name < other.document.name : difference > 0;
}

function requirements({ document: { match } }: CompiledMapping): number {
  return match.all.length + (match.any.length > 0 ? 1 : 0);
}
