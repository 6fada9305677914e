import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type OpenApiDocument, repeatableRoutesOf, forStrictClients } from './openApiDocument';
import type { PythonGenerator } from './pythonGenerator';

const HAND_WRITTEN = join(__dirname, 'python');
/** Stands in the hand-written pyproject.toml. */
const NO_VERSION = 'version = "0.0.0"';

/** Writes the package: what is written by hand beside what openapi-python-client makes of the document. */
export async function writePythonClient({
  document,
  version,
  folder,
  generator,
}: {
  document: OpenApiDocument;
  version: string;
  folder: string;
  generator: PythonGenerator;
}): Promise<void> {
  const generated = join(folder, 'src', 'upwork_jobs', 'generated');
  await cp(HAND_WRITTEN, folder, { recursive: true });
  const project = join(folder, 'pyproject.toml');
  const text = await readFile(project, 'utf8');
  await writeFile(project, text.replace(NO_VERSION, `version = "${version}"`));

  const input = join(folder, 'openapi.json');
  const config = join(folder, 'generator.json');
  await writeFile(input, JSON.stringify(forStrictClients(document)));
  await writeFile(config, JSON.stringify({ literal_enums: true }));
  const files = ['--path', input, '--config', config, '--output-path', generated];
  await generator.run(['generate', '--meta', 'none', ...files]);
  await Promise.all([rm(input), rm(config)]);
  await writeFile(join(generated, 'routes.py'), routesModule(document));
}

function routesModule(document: OpenApiDocument): string {
  const { readOnly, keyed } = repeatableRoutesOf(document);
  // A list of texts reads the same in JSON and in Python.
  const list = (routes: typeof keyed) => JSON.stringify(routes.map(({ method, path }) => [method, path]));
  return `READ_ONLY_ROUTES: list[list[str]] = ${list(readOnly)}\nKEYED_ROUTES: list[list[str]] = ${list(keyed)}\n`;
}
