import type { Command } from 'commander';
import { jobReference } from '../../api/jobReference';
import { readJobHistory } from '../../db/jobHistory';
import { AppError } from '../../domain/errors';
import { FIELD_NAMES, JOB_FIELDS } from '../../domain/job';
import { provenanceOf } from '../../domain/merge';
import type { StoredJob } from '../../domain/publishing';
import { toTimestamp } from '../../domain/time';
import { unmergeJob } from '../../db/jobUnmerge';
import { withRunningStack } from '../runningStack';
import { display, printJson, printLine, printPairs, printTable } from './output';

export function registerJobCommands(program: Command): void {
  const job = program.command('job').description('single jobs');
  job
    .command('show <id>')
    .description(
      'a job with where each field came from and every verdict on its postings; by id, alias, ciphertext or address',
    )
    .option('--json', 'print JSON')
    .action(async (id: string, { json }: { json?: true }) => {
      const shown = await withRunningStack(async ({ db }) => {
        const history = await readJobHistory(db, referenceOf(id));
        if (!history) throw new AppError('not_found', `There is no job ${id}.`);
        return toView(id, history);
      });
      if (json) printJson(shown);
      else printJob(shown);
    });
  job
    .command('unmerge <id>')
    .description('take apart two jobs that were merged; the id is the one that became an alias')
    .action(async (id: string) => {
      const { keptId } = await withRunningStack(({ db }) => unmergeJob(db, id, toTimestamp(Date.now())));
      printLine(`${id} and ${keptId} are two jobs again, and will not be merged by themselves.`);
    });
}

function referenceOf(text: string): string {
  const reference = jobReference.safeParse(text);
  if (reference.success) return reference.data;
  throw new AppError('invalid_parameter', reference.error.issues.map(({ message }) => message).join(' '));
}

type History = NonNullable<Awaited<ReturnType<typeof readJobHistory>>>;

function toView(id: string, { job, identities, verdicts, sightings, index }: History) {
  return {
    // A posting that was refused or held every time has verdicts, and no job.
    ...(job ? describeJob(job) : { id, version: null }),
    identities: identities.map(({ kind, value }) => `${kind} ${value}`),
    searchable_at: index?.searchableAt ?? null,
    indexed_version: index?.indexedVersion ?? null,
    last_seen: sightings,
    fields: job ? describeFields(job) : [],
    verdicts: verdicts.map((verdict) => ({
      decided_at: verdict.decidedAt,
      outcome: verdict.outcome,
      source: verdict.sourceId,
      mapping: verdict.mappingName,
      observed_at: verdict.observedAt,
      batch: verdict.batchId,
      row: verdict.rowNumber,
      rules: verdict.rules,
      screening: verdict.screening,
      findings: verdict.findings,
    })),
  };
}

function describeJob(job: StoredJob) {
  return {
    id: job.id,
    version: job.version,
    duplicate_of: job.duplicateOf,
    first_seen_at: job.firstSeenAt,
    updated_at: job.updatedAt,
    verified_at: job.verifiedAt,
    is_sample: job.isSample,
    quality: { score: job.qualityScore, flags: job.flags },
  };
}

function describeFields(job: StoredJob) {
  return JOB_FIELDS.filter((field) => job[field] !== null).map((field) => {
    const origin = provenanceOf(job.provenance, field);
    return {
      field: FIELD_NAMES[field],
      value: job[field],
      source: origin.sourceId,
      observed_at: origin.observedAt,
      batch: origin.batchId,
      row: origin.rowNumber,
    };
  });
}

function printJob({ fields, verdicts, ...job }: ReturnType<typeof toView>): void {
  printPairs(job);
  printTable(
    ['field', 'value', 'source', 'observed at', 'batch', 'row'],
    fields.map((field) => [
      field.field,
      display(field.value),
      field.source,
      field.observed_at,
      field.batch,
      field.row,
    ]),
  );
  printTable(
    ['decided at', 'outcome', 'source', 'mapping', 'batch', 'row', 'rules'],
    verdicts.map((verdict) => [
      verdict.decided_at,
      verdict.outcome,
      verdict.source,
      display(verdict.mapping),
      verdict.batch,
      verdict.row,
      verdict.rules.join(' '),
    ]),
  );
  for (const { row, batch, screening } of verdicts) {
    for (const { signal, evidence, strength } of screening?.signals ?? []) {
      printLine(`row ${row} of ${batch}: signal ${signal} at strength ${strength}: ${evidence}`);
    }
  }
  for (const verdict of verdicts) {
    for (const finding of verdict.findings) {
      const place = finding.field === null ? '' : ` ${finding.field}`;
      const raw = finding.raw === null ? '' : ` (${display(finding.raw)})`;
      printLine(`row ${verdict.row} of ${verdict.batch}: ${finding.rule}${place}: ${finding.message}${raw}`);
    }
  }
}
