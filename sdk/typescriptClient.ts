import { execFile } from 'node:child_process';
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type OpenApiDocument, repeatableRoutesOf } from './openApiDocument';

const execute = promisify(execFile);

const HAND_WRITTEN = join(__dirname, 'typescript');
const COMPILE_TIMEOUT_MS = 120_000;

interface Manifest {
  name: string;
  version: string;
  [member: string]: unknown;
}

/**
 * Writes the package: what is written by hand beside what @hey-api/openapi-ts makes of the document, compiled to ES modules.
 * @throws Error with the compiler's words when the one does not fit the other.
 */
export async function writeTypeScriptClient({
  document,
  version,
  folder,
}: {
  document: OpenApiDocument;
  version: string;
  folder: string;
}): Promise<void> {
  const generated = join(folder, 'src', 'generated');
  await cp(HAND_WRITTEN, folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifestOf(version), null, 2)}\n`);

  const { createClient } = await import('@hey-api/openapi-ts');
  await createClient({
    input: document as unknown as Record<string, unknown>,
    output: { path: generated, module: { extension: '.js' } },
    logs: { level: 'silent', file: false },
    plugins: [
      { name: '@hey-api/client-fetch', throwOnError: true },
      '@hey-api/typescript',
      {
        name: '@hey-api/sdk',
        responseStyle: 'data',
        operations: { strategy: 'single', containerName: 'Operations' },
      },
    ],
  });
  await writeFile(join(generated, 'routes.ts'), routesModule(document));
  await compile(folder);
  await Promise.all(['src', 'tsconfig.json'].map((name) => rm(join(folder, name), { recursive: true })));
}

function manifestOf(version: string): Manifest {
  return {
    name: 'upwork-jobs-client',
    version,
    description: 'Client of the Upwork jobs API',
    license: 'UNLICENSED',
    type: 'module',
    engines: { node: '>=20.19' },
    main: './dist/index.js',
    types: './dist/index.d.ts',
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist'],
    sideEffects: false,
  };
}

function routesModule(document: OpenApiDocument): string {
  const { readOnly, keyed } = repeatableRoutesOf(document);
  const list = (routes: typeof keyed) =>
    routes
      .map(({ method, path }) => `{ method: '${method}', path: new RegExp(${JSON.stringify(path)}) },\n`)
      .join('');
  return `export const READ_ONLY_ROUTES = [\n${list(readOnly)}];\nexport const KEYED_ROUTES = [\n${list(keyed)}];\n`;
}

async function compile(folder: string): Promise<void> {
  const compiler = require.resolve('typescript/bin/tsc');
  try {
    await execute(process.execPath, [compiler, '--project', folder], { timeout: COMPILE_TIMEOUT_MS });
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string };
    throw new Error(`The TypeScript client does not compile.\n${stdout}`, { cause: error });
  }
}
