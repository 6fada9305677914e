import type { Config } from '../config';
import { choosePort } from './ports';
import type { StackFile } from './stackFile';

/** Ports of one stack; a part that runs elsewhere has none here. */
export interface StackPorts {
  api: number;
  postgres: number | undefined;
  temporal: number | undefined;
  temporalUi: number | undefined;
}

const WISHES = {
  api: { purpose: 'the API', variable: 'API_PORT', default: 3000 },
  postgres: { purpose: 'Postgres', variable: 'POSTGRES_PORT', default: 54_321 },
  temporal: { purpose: 'Temporal', variable: 'TEMPORAL_PORT', default: 7233 },
  temporalUi: { purpose: "Temporal's Web UI", variable: 'TEMPORAL_UI_PORT', default: 8233 },
} as const;

/**
 * A port for every part that is started here: as set, else as the last time, else the default or the next free one.
 * @throws PortTakenError
 */
export async function choosePorts(
  config: Config,
  previous: StackFile['ports'] | undefined,
  report: (sentence: string) => void,
): Promise<StackPorts> {
  const taken = new Set<number>();
  const choose = async (part: keyof typeof WISHES, fixed: number | undefined): Promise<number> => {
    const { port, notice } = await choosePort({ ...WISHES[part], fixed, previous: previous?.[part], taken });
    taken.add(port);
    if (notice !== undefined) report(notice);
    return port;
  };
  const startsTemporal = config.temporalAddress === undefined;
  return {
    api: await choose('api', config.apiPort),
    postgres: config.databaseUrl === undefined ? await choose('postgres', config.postgresPort) : undefined,
    temporal: startsTemporal ? await choose('temporal', config.temporalPort) : undefined,
    temporalUi: startsTemporal ? await choose('temporalUi', config.temporalUiPort) : undefined,
  };
}
