import type { Config } from '../config';
import { choosePort } from './ports';
import type { StackFile } from './stackFile';

/** Ports of one stack; a part that runs elsewhere has none here. */
export interface StackPorts {
  api: number;
  operators: number;
  postgres: number | undefined;
  temporal: number | undefined;
  temporalUi: number | undefined;
  meilisearch: number | undefined;
}

const WISHES = {
  api: { purpose: 'the API', variable: 'API_PORT', default: 3000 },
  operators: { purpose: 'operators', variable: 'OPERATORS_PORT', default: 9464 },
  postgres: { purpose: 'Postgres', variable: 'POSTGRES_PORT', default: 54_321 },
  temporal: { purpose: 'Temporal', variable: 'TEMPORAL_PORT', default: 7233 },
  meilisearch: { purpose: 'Meilisearch', variable: 'MEILI_PORT', default: 7700 },
  temporalUi: { purpose: "Temporal's Web UI", variable: 'TEMPORAL_UI_PORT', default: 8233 },
} as const;

/**
 * A port for every part that is started here: as set, else as the last time, else the default or the next free one.
 * @throws PortTakenError
 */
export async function choosePorts(
  config: Config,
  {
    previous,
    runsMeilisearch,
    report,
  }: {
    previous: StackFile['ports'] | undefined;
    runsMeilisearch: boolean;
    report: (sentence: string) => void;
  },
): Promise<StackPorts> {
  const runsDatabase = config.databaseUrl === undefined;
  const runsTemporal = config.temporalAddress === undefined;
  const parts = [
    { part: 'api', fixed: config.apiPort },
    { part: 'operators', fixed: config.operatorsPort },
    ...(runsDatabase ? [{ part: 'postgres', fixed: config.postgresPort } as const] : []),
    ...(runsTemporal ? [{ part: 'temporal', fixed: config.temporalPort } as const] : []),
    ...(runsTemporal ? [{ part: 'temporalUi', fixed: config.temporalUiPort } as const] : []),
    ...(runsMeilisearch ? [{ part: 'meilisearch', fixed: config.meiliPort } as const] : []),
  ] as const;

  const chosen = new Map<keyof StackPorts, number>();
  // Those that are set come first: no other part may be given one of them.
  for (const { part, fixed } of [...parts].sort(
    (a, b) => Number(b.fixed !== undefined) - Number(a.fixed !== undefined),
  )) {
    const taken = new Set(chosen.values());
    const { port, notice } = await choosePort({ ...WISHES[part], fixed, previous: previous?.[part], taken });
    chosen.set(part, port);
    if (notice !== undefined) report(notice);
  }
  return {
    api: chosen.get('api') ?? WISHES.api.default,
    operators: chosen.get('operators') ?? WISHES.operators.default,
    postgres: chosen.get('postgres'),
    temporal: chosen.get('temporal'),
    temporalUi: chosen.get('temporalUi'),
    meilisearch: chosen.get('meilisearch'),
  };
}
