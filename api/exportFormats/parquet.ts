import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { JobMember, ValueMember, ValueType } from '../../domain/jobShape';
import { toMillis } from '../../domain/time';
import { type Format, memberOf } from './format';

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];
type Convert = (value: unknown) => unknown;

/**
 * A group is written in one go, during which the process does nothing else: small ones, though readers would rather have large
 * ones.
 */
const ROWS_PER_GROUP = 1_000;

/** Columns of real types; objects are structs, so that a query says `buyer.country` here too. */
export const parquet: Format = {
  contentType: 'application/vnd.apache.parquet',
  description: 'Apache Parquet: times are UTC timestamps, lists are lists, objects are structs.',
  async *write(slices, members) {
    const output = new ByteWriter();
    const file = new ParquetWriter({ writer: output, schema: schemaOf(members), statistics: false });
    const converts = members.map(convertOf);
    let columns = emptyColumns(members);
    let rows = 0;
    const writeGroup = () => {
      // Offsets of pages would be kept in memory to the end, and so small a group has one page a column.
      const columnData = members.map(({ name }, index) => ({
        name,
        data: columns[index] ?? [],
        offsetIndex: false,
      }));
      void file.write({ columnData, rowGroupSize: ROWS_PER_GROUP });
      columns = emptyColumns(members);
      rows = 0;
      return take(output);
    };
    for await (const jobs of slices) {
      for (const job of jobs) {
        members.forEach(({ name }, index) => columns[index]?.push(converts[index]?.(memberOf(job, name))));
        rows += 1;
        if (rows === ROWS_PER_GROUP) yield writeGroup();
      }
    }
    if (rows > 0) yield writeGroup();
    void file.finish();
    yield take(output);
  },
};

function emptyColumns(members: readonly JobMember[]): unknown[][] {
  return members.map(() => []);
}

/** What was written since the last time. */
function take(output: ByteWriter): Uint8Array {
  const bytes = output.getBytes().slice();
  output.index = 0;
  return bytes;
}

function schemaOf(members: readonly JobMember[]): SchemaElement[] {
  return [{ name: 'job', num_children: members.length }, ...members.flatMap(elementsOf)];
}

function elementsOf(member: JobMember): SchemaElement[] {
  if (!('members' in member)) return valueElements(member);
  const { name, isNullable, members } = member;
  return [
    { name, repetition_type: repetition(isNullable), num_children: members.length },
    ...members.flatMap(valueElements),
  ];
}

/** https://github.com/apache/parquet-format/blob/master/LogicalTypes.md */
function valueElements({ name, isNullable, type }: ValueMember): SchemaElement[] {
  const element = { name, repetition_type: repetition(isNullable) };
  switch (type) {
    case 'text':
      return [{ ...element, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } }];
    case 'integer':
      return [{ ...element, type: 'INT64' }];
    case 'number':
      return [{ ...element, type: 'DOUBLE' }];
    case 'boolean':
      return [{ ...element, type: 'BOOLEAN' }];
    case 'time':
      return [
        {
          ...element,
          type: 'INT64',
          converted_type: 'TIMESTAMP_MILLIS',
          logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
        },
      ];
    case 'list':
      return [
        { ...element, converted_type: 'LIST', logical_type: { type: 'LIST' }, num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        ...valueElements({ name: 'element', isNullable: false, type: 'text' }),
      ];
  }
}

function repetition(isNullable: boolean): 'OPTIONAL' | 'REQUIRED' {
  return isNullable ? 'OPTIONAL' : 'REQUIRED';
}

const AS_IT_IS: Convert = (value) => value;

const CONVERTS: Readonly<Record<ValueType, Convert>> = {
  text: AS_IT_IS,
  integer: (value) => (typeof value === 'number' ? BigInt(Math.trunc(value)) : null),
  number: AS_IT_IS,
  boolean: AS_IT_IS,
  time: (value) => (typeof value === 'string' ? BigInt(toMillis(value)) : null),
  list: AS_IT_IS,
};

/** From the value of a member as JSON has it to what the writer takes for the member's type. */
function convertOf(member: JobMember): Convert {
  if (!('members' in member)) return CONVERTS[member.type];
  const { members } = member;
  return (value) => {
    if (value === null) return null;
    const converted: Record<string, unknown> = {};
    for (const { name, type } of members) converted[name] = CONVERTS[type](memberOf(value, name));
    return converted;
  };
}
