import { supervise } from '../../bin/stack/children';

/** A process with two children under the data folder given, for tests that kill it. Says `up` when they run. */
async function main(dataDir: string): Promise<void> {
  for (const name of ['postgres', 'api']) {
    await supervise({
      dataDir,
      spec: {
        name,
        command: process.execPath,
        args: ['-e', 'setInterval(() => {}, 1000)'],
        environment: process.env,
        stopSteps: [{ signal: 'SIGTERM', waitMs: 5_000 }],
      },
      probe: () => Promise.resolve(),
      readyDeadlineMs: 10_000,
      report: () => undefined,
    });
  }
  process.stdout.write('up\n');
}

void main(process.argv[2] ?? '');
