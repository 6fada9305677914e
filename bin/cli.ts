import { Command } from 'commander';
import { isDatabaseUnavailable } from '../db/errors';
import { AppError } from '../domain/errors';
import { registerAccountCommands } from './commands/account';
import { registerAuditCommands } from './commands/audit';
import { registerIngestCommand } from './commands/ingest';
import { registerJobCommands } from './commands/job';
import { registerKeyCommands } from './commands/key';
import { registerMappingCommands } from './commands/mapping';
import { registerOperatorCommands } from './commands/operator';
import { registerQuarantineCommands } from './commands/quarantine';
import { registerSourceCommands } from './commands/source';
import { registerReindexCommand } from './commands/reindex';
import { registerStatsCommand } from './commands/stats';
import { ConfigError } from './config';

const program = new Command('cli')
  .description('Operate the platform: accounts, keys, ingestion, jobs.')
  .showHelpAfterError()
  .configureHelp({ showGlobalOptions: true });

registerAccountCommands(program);
registerAuditCommands(program);
registerKeyCommands(program);
registerIngestCommand(program);
registerJobCommands(program);
registerMappingCommands(program);
registerOperatorCommands(program);
registerQuarantineCommands(program);
registerSourceCommands(program);
registerReindexCommand(program);
registerStatsCommand(program);

program.parseAsync(process.argv).then(
  () => process.exit(process.exitCode ?? 0),
  (error: unknown) => {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(1);
  },
);

/** What went wrong, in a sentence, with every fault on a line of its own. */
function explain(error: unknown): string {
  if (error instanceof AppError) {
    const faults = error.faults.map((fault) => {
      const hints = [
        fault.received === undefined ? '' : `received ${fault.received}`,
        fault.expected === undefined ? '' : `expected ${fault.expected}`,
        fault.did_you_mean === undefined ? '' : `did you mean ${fault.did_you_mean}?`,
      ].filter((hint) => hint !== '');
      return `  ${fault.parameter}: ${fault.message}${hints.length > 0 ? ` (${hints.join('; ')})` : ''}`;
    });
    return [error.message, ...faults].join('\n');
  }
  if (error instanceof ConfigError) return error.message;
  if (error instanceof Error && isDatabaseUnavailable(error)) {
    return `The database does not answer (${error.message}). Is the stack running? npm start`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
