import type { Command } from 'commander';
import { AppError } from '../../domain/errors';
import { shippedMappings } from '../../sources/mappings';
import { callerPath, readMappingFile } from './options';
import { display, printJson, printLine, printTable } from './output';

export function registerMappingCommands(program: Command): void {
  const mapping = program
    .command('mapping')
    .description('from the shapes of sources to jobs; see docs/mappings.md');
  mapping
    .command('list')
    .description('list the mappings that are picked by the fields of a row')
    .option('--json', 'print JSON')
    .action(({ json }: { json?: true }) => {
      const documents = shippedMappings.map(({ document }) => document);
      if (json) printJson(documents.map(({ name, description }) => ({ name, description })));
      else
        printTable(
          ['name', 'description'],
          documents.map(({ name, description }) => [name, display(description)]),
        );
    });
  mapping
    .command('show <name>')
    .description('print a mapping document, to begin your own from')
    .action((name: string) => {
      const found = shippedMappings.find(({ document }) => document.name === name);
      if (!found) throw new AppError('not_found', `There is no mapping ${name}; see mapping list.`);
      printLine(JSON.stringify(found.document, undefined, 2));
    });
  mapping
    .command('check <file>')
    .description('check a mapping document of your own')
    .action(async (file: string) => {
      const document = await readMappingFile(callerPath(file));
      printLine(`${file}: mapping ${document.name} is sound, ${Object.keys(document.fields).length} fields.`);
    });
}
