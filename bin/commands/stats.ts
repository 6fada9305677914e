import type { Command } from 'commander';
import { countJobs, countJobsBy } from '../../db/jobs';
import { countOutcomes } from '../../db/postings';
import { toReport } from '../../domain/outcome';
import { withRunningStack } from '../runningStack';
import { printJson, printLine, printPairs } from './output';

export function registerStatsCommand(program: Command): void {
  program
    .command('stats')
    .description('what is stored: jobs, rows by outcome, reasons of refusal')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: true }) => {
      const stats = await withRunningStack(async ({ db }) => {
        const jobs = await countJobs(db);
        const { outcomes, reasons } = await countOutcomes(db, 'everything');
        const { reasons: rules, ...rows } = toReport(outcomes, reasons);
        return {
          jobs: jobs.jobs,
          open: jobs.open,
          newest_posted_on: jobs.newestPostedOn,
          oldest_posted_on: jobs.oldestPostedOn,
          stale_in_index: jobs.staleInIndex,
          rows,
          reasons: rules,
          jobs_by_source: await countJobsBy(db, 'source'),
          jobs_by_category_group: await countJobsBy(db, 'category_group'),
        };
      });
      if (json) {
        printJson(stats);
        return;
      }
      const { rows, reasons, jobs_by_source, jobs_by_category_group, ...jobs } = stats;
      printPairs(jobs);
      for (const [title, counts] of Object.entries({
        rows,
        reasons,
        jobs_by_source,
        jobs_by_category_group,
      })) {
        printLine(`\n${title.replaceAll('_', ' ')}`);
        printPairs(counts);
      }
    });
}
