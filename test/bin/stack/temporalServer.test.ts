import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { anyFreePort } from '../../../bin/stack/ports';
import { findTemporalBinary } from '../../../bin/stack/temporalBinary';
import { startTemporalServer, type RunningTemporal } from '../../../bin/stack/temporalServer';

describe('the Temporal dev server', () => {
  let dataDir: string;
  let started: RunningTemporal[];

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'temporal-test-'));
    started = [];
  });
  afterEach(async () => {
    await Promise.all(started.map((server) => server.stop()));
    rmSync(dataDir, { recursive: true, force: true });
  });

  const start = async (durable: boolean, folder = dataDir) => {
    const report = () => undefined;
    const server = await startTemporalServer({
      dataDir: folder,
      binary: await findTemporalBinary({
        explicit: process.env.TEMPORAL_CLI,
        environment: process.env,
        report,
      }),
      port: await anyFreePort(),
      uiPort: await anyFreePort(),
      durable,
      report,
    });
    started.push(server);
    return server;
  };
  const using = async <T>(
    { address }: RunningTemporal,
    action: (client: Client) => Promise<T>,
  ): Promise<T> => {
    const connection = await Connection.connect({ address });
    try {
      return await action(new Client({ connection }));
    } finally {
      await connection.close();
    }
  };

  it('remembers schedules when it is killed, and knows the search attributes from the first moment', async () => {
    const first = await start(true);
    await using(first, (client) =>
      client.schedule.create({
        scheduleId: 'nightly',
        spec: { intervals: [{ every: '1 day' }] },
        action: { type: 'startWorkflow', workflowType: 'ingestSource', taskQueue: 'jobs' },
      }),
    );
    process.kill(first.pid()!, 'SIGKILL');
    await first.stop();

    const second = await start(true);
    await using(second, async (client) => {
      const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
        namespace: 'default',
      });
      expect(Object.keys(customAttributes)).toContain('SourceId');
      expect((await client.schedule.getHandle('nightly').describe()).scheduleId).toBe('nightly');
    });
  });

  it('runs beside another one, with nothing on disk when it need not last', async () => {
    const other = join(dataDir, 'other');
    const [one, two] = await Promise.all([start(false), start(false, other)]);
    expect(one.address).not.toBe(two.address);
    await using(one, (client) => client.connection.workflowService.getSystemInfo({}));
    await using(two, (client) => client.connection.workflowService.getSystemInfo({}));
    expect(existsSync(join(dataDir, 'temporal'))).toBe(false);
  });
});
