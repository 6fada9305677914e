import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

const repositoryRoot = resolve(__dirname, '../..');
/** Everything that can get into the bundle: workflows import these two and packages. */
const SOURCES = ['workflows', 'domain'];
const PREFIX = 'workflows-';
const UNUSED_AFTER_MS = 24 * 3_600_000;

/**
 * The workflows bundled for workers, which otherwise take seconds each to do it themselves; made anew only when their
 * sources or the installed packages changed.
 * @returns the path of the bundle in the folder.
 */
export async function provideWorkflowBundle(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${PREFIX}${fingerprint()}.js`);
  if (existsSync(path)) return path;
  removeUnused(folder);
  // Only here: it takes a while to load.
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(repositoryRoot, 'workflows', 'index.ts'),
    logger: new DefaultLogger('ERROR'),
  });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, code);
  renameSync(draft, path);
  return path;
}

function fingerprint(): string {
  const hash = createHash('sha256');
  const lockFile = join(repositoryRoot, 'package-lock.json');
  const files = SOURCES.flatMap((folder) =>
    readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .sort(),
  );
  for (const name of files) {
    const path = join(repositoryRoot, name);
    if (statSync(path).isFile()) hash.update(`${name}\0`).update(readFileSync(path)).update('\0');
  }
  if (existsSync(lockFile)) hash.update(readFileSync(lockFile));
  return hash.digest('hex').slice(0, 32);
}

/** Not those of the last day: another run may be about to read one. */
function removeUnused(folder: string): void {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith(PREFIX))) {
    const path = join(folder, name);
    const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - modified > UNUSED_AFTER_MS) rmSync(path, { force: true });
  }
}
