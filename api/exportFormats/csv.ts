import { stringify } from 'csv-stringify/sync';
import type { JobMember } from '../../domain/jobShape';
import type { ChosenJobView } from '../../domain/jobView';
import { type Format, memberOf } from './format';

/** A list is one cell. */
const LIST_SEPARATOR = '; ';

interface Column {
  /** Of a member of an object both names: `buyer.country`. */
  heading: string;
  read: (job: ChosenJobView) => unknown;
}

/**
 * RFC 4180 in UTF-8, with a line of headings. A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV
 * Injection); numbers stay as they are.
 */
export const csv: Format = {
  contentType: 'text/csv; charset=utf-8; header=present',
  description:
    'RFC 4180 with a line of headings; members of objects are columns of their own (`buyer.country`), lists one cell each.',
  async *write(slices, members) {
    const columns = members.flatMap(columnsOf);
    yield lines([columns.map(({ heading }) => heading)]);
    for await (const jobs of slices) {
      yield lines(jobs.map((job) => columns.map(({ read }) => read(job))));
    }
  },
};

function columnsOf(member: JobMember): Column[] {
  const { name } = member;
  if (!('members' in member)) return [{ heading: name, read: (job) => memberOf(job, name) }];
  return member.members.map((inner) => ({
    heading: `${name}.${inner.name}`,
    read: (job) => memberOf(memberOf(job, name), inner.name),
  }));
}

function lines(rows: unknown[][]): string {
  return stringify(rows, {
    record_delimiter: 'windows',
    escape_formulas: true,
    cast: {
      boolean: String,
      // A sign before digits alone makes no formula.
      number: (value) => (value < 0 ? { value: String(value), escape_formulas: false } : String(value)),
      object: (value) => (Array.isArray(value) ? value.join(LIST_SEPARATOR) : ''),
    },
  });
}
