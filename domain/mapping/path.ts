import { isRecord, type SourceRecord } from './record';

/** Deeper or wider than this is nobody's data. */
const MAX_STEPS = 12;
const MAX_LIST_ITEMS = 1_000;

interface Step {
  key: string;
  /** What follows the key: nothing, every item of its list (`[]`), or one item (`[0]`). */
  items: 'none' | 'every' | number;
}

export interface CompiledPath {
  /** The value at the path; undefined when the path leads nowhere. A path with `[]` gives a list. */
  read(record: SourceRecord): unknown;
  /** Whether the column or field is there, whatever its value. */
  exists(record: SourceRecord): boolean;
}

/** Whether `text` can be used as a path: `title`, `client.location.country`, `skills[].name`, `tags[0]`. */
export function isPath(text: string): boolean {
  return text.trim() !== '' && text.split('.').length <= MAX_STEPS;
}

/**
 * A path as a reader. A column whose name is the whole path comes first, so that names with dots, brackets or colons
 * (`content:encoded`) need no escaping.
 */
export function compilePath(path: string): CompiledPath {
  const steps = path.split('.').map(stepOf);
  const isPlain = steps.length === 1 && steps[0]?.items === 'none';

  const follow = (record: SourceRecord): unknown => {
    if (Object.hasOwn(record, path)) return record[path];
    return isPlain ? undefined : walk(record, steps, 0);
  };
  return {
    read: follow,
    exists: (record) => Object.hasOwn(record, path) || (!isPlain && walk(record, steps, 0) !== undefined),
  };
}

function stepOf(text: string): Step {
  const indexed = /^(.*)\[(\d{0,4})\]$/.exec(text);
  if (!indexed) return { key: text, items: 'none' };
  const [, key = '', index = ''] = indexed;
  return { key, items: index === '' ? 'every' : Number(index) };
}

function walk(start: unknown, steps: readonly Step[], from: number): unknown {
  let value = start;
  for (let index = from; index < steps.length; index += 1) {
    const step = steps[index];
    if (step === undefined || !isRecord(value) || !Object.hasOwn(value, step.key)) return undefined;
    value = value[step.key];
    if (step.items === 'none') continue;
    if (!Array.isArray(value)) return value === null ? null : undefined;
    const list: readonly unknown[] = value;
    if (step.items !== 'every') {
      value = list[step.items];
      continue;
    }
    return list
      .slice(0, MAX_LIST_ITEMS)
      .map((item) => walk(item, steps, index + 1))
      .flat()
      .filter((item) => item !== undefined && item !== null);
  }
  return value;
}
