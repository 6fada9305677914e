import type { IngestReport } from '../domain/outcome';

/** A report as the Temporal UI shows it: a table, the reasons, and why the search index does not have it yet, if so. */
export function batchDetails(report: IngestReport, notIndexed?: string): string {
  const reasons = Object.entries(report.reasons).map(([rule, rows]) => `- ${rule}: ${rows}`);
  return [
    '| received | accepted | updated | unchanged | duplicates | quarantined | rejected |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    `| ${report.received} | ${report.accepted} | ${report.updated} | ${report.unchanged} | ${report.duplicates} | ${report.quarantined} | ${report.rejected} |`,
    '',
    ...reasons,
    ...(notIndexed === undefined ? [] : ['', `Published, not indexed: the repair will. ${notIndexed}`]),
  ].join('\n');
}
