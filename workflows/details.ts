import type { IngestReport } from '../domain/outcome';

/** A report as the Temporal UI shows it: a table, then the reasons. */
export function batchDetails(report: IngestReport): string {
  const reasons = Object.entries(report.reasons).map(([rule, rows]) => `- ${rule}: ${rows}`);
  return [
    '| received | accepted | updated | unchanged | duplicates | quarantined | rejected |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    `| ${report.received} | ${report.accepted} | ${report.updated} | ${report.unchanged} | ${report.duplicates} | ${report.quarantined} | ${report.rejected} |`,
    '',
    ...reasons,
  ].join('\n');
}
