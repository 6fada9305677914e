import { type Command, InvalidArgumentError } from 'commander';
import { acceptQuarantined, rejectQuarantined } from '../../activities/quarantine';
import { listQuarantined } from '../../db/quarantine';
import { announcerOf } from '../announcing';
import { withRunningStack } from '../runningStack';
import { actingNow } from './acting';
import { display, printJson, printLine, printTable } from './output';

export function registerQuarantineCommands(program: Command): void {
  const quarantine = program.command('quarantine').description('postings that wait for an operator');
  quarantine
    .command('list')
    .description('what waits, longest first, with the signals behind it')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: true }) => {
      const held = await withRunningStack(({ db }) => listQuarantined(db));
      if (json) {
        printJson(held);
        return;
      }
      printTable(
        ['id', 'held at', 'posting', 'title', 'rules', 'batch', 'row'],
        held.map((entry) => [
          entry.id,
          entry.heldAt,
          entry.identity.value,
          display(entry.title),
          entry.rules.join(' '),
          entry.batchId,
          entry.rowNumber,
        ]),
      );
    });
  quarantine
    .command('accept <id>')
    .description('publish it; it is not judged again')
    .action(async (id: string) => {
      await withRunningStack(({ db, config }) =>
        acceptQuarantined(db, { id: parseId(id), ...actingNow(), announce: announcerOf(config) }),
      );
      printLine(`${id} is accepted.`);
    });
  quarantine
    .command('reject <id>')
    .description('refuse it, now and whenever it comes again')
    .action(async (id: string) => {
      await withRunningStack(({ db }) => rejectQuarantined(db, { id: parseId(id), ...actingNow() }));
      printLine(`${id} is rejected.`);
    });
}

function parseId(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError(`${text} is no number of quarantine list.`);
  return Number(text);
}
