import { join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { declaredRoutes } from '../api/app';
import { openApiDocument } from '../api/openapi';
import { version } from '../package.json';
import { generateSdk } from '../sdk/generate';
import { printJson, printLine } from './commands/output';
import { cacheRoot } from './stack/programs';

const DEFAULT_OUTPUT = resolve(__dirname, '../dist/sdk');

interface SdkOptions {
  output: string;
  json?: true;
}

const program = new Command('sdk')
  .description('Generate the TypeScript and Python clients of the API from its OpenAPI document.')
  .option('--output <folder>', 'where the packages go', DEFAULT_OUTPUT)
  .option('--json', 'print one line of JSON')
  .action(async ({ output, json }: SdkOptions) => {
    const outcome = await generateSdk({
      document: openApiDocument(declaredRoutes),
      version,
      outputFolder: resolve(output),
      cacheFolder: join(cacheRoot(process.env), 'openapi-python-client'),
      environment: process.env,
      report: (sentence) => void process.stderr.write(`${sentence}\n`),
    });
    if (json) {
      printJson(outcome);
      return;
    }
    printLine(`TypeScript: ${relative('.', outcome.typescript)}`);
    printLine(
      outcome.python === null
        ? `Python is left out: ${outcome.left_out ?? ''}.`
        : `Python: ${relative('.', outcome.python)}`,
    );
  });

program.parseAsync(process.argv).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? '') : String(error)}\n`);
  process.exit(1);
});
