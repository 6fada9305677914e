import { startPostgres } from '../../bin/stack/postgres';

/** A process with a Postgres under the data folder and on the port given, for tests that kill it. Says `up` when it is. */
async function main(dataDir: string, port: number, password: string): Promise<void> {
  await startPostgres({ dataDir, port, password, database: 'jobs', durable: false, report: () => undefined });
  process.stdout.write('up\n');
}

const [dataDir = '', port, password = ''] = process.argv.slice(2);
void main(dataDir, Number(port), password);
