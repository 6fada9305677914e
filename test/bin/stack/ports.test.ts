import { createServer, type Server } from 'node:net';
import { anyFreePort, choosePort, isPortFree, PortTakenError, type PortWish } from '../../../bin/stack/ports';

describe('the choice of a port', () => {
  let server: Server;
  let takenPort: number;

  const wish = (changes: Partial<PortWish>): PortWish => ({
    purpose: 'the API',
    variable: 'API_PORT',
    fixed: undefined,
    previous: undefined,
    default: takenPort,
    taken: new Set(),
    ...changes,
  });

  beforeAll(async () => {
    // Low enough for the hundred ports after it to exist.
    do takenPort = await anyFreePort();
    while (takenPort > 60_000);
    server = createServer();
    await new Promise<void>((resolve) => server.listen(takenPort, '127.0.0.1', resolve));
  });

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('refuses a port set by the environment that is taken, naming variable and port', async () => {
    const choice = choosePort(wish({ fixed: takenPort }));
    await expect(choice).rejects.toThrow(PortTakenError);
    await expect(choice).rejects.toThrow(`Port ${takenPort} for the API is taken`);
    await expect(choice).rejects.toThrow('Set API_PORT to a free port');
  });

  it('takes the next free port when the default is taken, and says so', async () => {
    const { port, notice } = await choosePort(wish({}));
    expect(port).toBeGreaterThan(takenPort);
    expect(port).toBeLessThanOrEqual(takenPort + 100);
    expect(notice).toBe(`port ${takenPort} for the API is taken, using ${port}`);
    expect(await isPortFree(port)).toBe(true);
  });

  it('takes the port of the run before, without a word', async () => {
    const previous = await anyFreePort();
    expect(await choosePort(wish({ previous }))).toEqual({ port: previous });
  });

  it('never gives two parts of one stack the same port', async () => {
    const free = await anyFreePort();
    const { port } = await choosePort(wish({ default: free, taken: new Set([free]) }));
    expect(port).not.toBe(free);
  });
});
