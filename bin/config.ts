import { resolve } from 'node:path';
import { z } from 'zod';
import { isNetwork } from '../api/callerAddress';
import { DEFAULT_THRESHOLDS } from '../domain/screening/model';
import { DEFAULT_RETRY_SECONDS } from '../domain/webhooks/retrySchedule';

const port = z.coerce.number().int().min(1).max(65_535);
const optionalUrl = (protocols: string[]) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
      message: `must be a URL with ${protocols.join(' or ')}`,
    })
    .optional();

const emailAddress = z.email('must be an e-mail address').max(254);
const hourlyLimit = z.coerce.number().int().min(1).max(1_000_000);
/** Items between commas, blanks around them left out. */
const commaList = z
  .string()
  .max(5_000)
  .transform((text) => text.split(',').map((item) => item.trim()));

const MOST_PROXIES = 10;
/** Express's names for networks that are not on the internet. */
const NAMED_NETWORKS = ['loopback', 'linklocal', 'uniquelocal'];

/** A number of proxies, or their networks. Not "all": then callers could claim any address. */
const trustedProxies = commaList
  .refine(
    (items) => isHops(items) || items.every((item) => NAMED_NETWORKS.includes(item) || isNetwork(item)),
    {
      message: `must be a number of proxies up to ${MOST_PROXIES}, or networks such as 10.0.0.0/8 between commas`,
    },
  )
  .transform((items) => (isHops(items) ? Number(items[0]) : items))
  .optional();

function isHops([first = '', ...rest]: readonly string[]): boolean {
  return rest.length === 0 && /^\d{1,2}$/.test(first) && Number(first) >= 1 && Number(first) <= MOST_PROXIES;
}

const origins = commaList
  .refine((items) => (items.includes('*') ? items.length === 1 : items.every(isOrigin)), {
    message: 'must be origins such as https://app.example.com between commas, without paths, or * alone',
  })
  .optional();

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90s`, `30m`, `24h`, `7d`; in milliseconds. */
const duration = z
  .string()
  .regex(/^[1-9]\d{0,5}[smhd]$/, 'must be a number and a unit, as 30m, 24h or 7d')
  .transform((text) => Number.parseInt(text, 10) * UNIT_MS[text.slice(-1) as keyof typeof UNIT_MS]);

const portList = commaList
  .refine((items) => items.every((item) => item === '' || port.safeParse(item).success), {
    message: 'must be ports between commas',
  })
  .transform((items) => items.filter((item) => item !== '').map(Number));

/** Shorter ones than in production let a trial see the last attempt. */
const retrySeconds = commaList
  .refine((items) => items.length <= 20 && items.every((item) => /^\d{1,6}(?:\.\d{1,3})?$/.test(item)), {
    message: 'must be up to 20 numbers of seconds between commas',
  })
  .transform((items) => items.map(Number));

/** The environment, every variable of the product: read once, here. Empty values count as not set. */
const environmentSchema = z.object({
  NODE_ENV: z.string().max(100).optional(),
  DATA_DIR: z.string().max(1_000).default('.data'),
  API_HOST: z.string().max(255).default('127.0.0.1'),
  API_PORT: port.optional(),
  TLS_CERT: z.string().max(1_000).optional(),
  TLS_KEY: z.string().max(1_000).optional(),
  TRUST_PROXY: trustedProxies,
  HTTPS_REQUIRED: z.enum(['true', 'false']).default('false'),
  CORS_ORIGINS: origins,
  OPERATORS_HOST: z.string().max(255).default('127.0.0.1'),
  OPERATORS_PORT: port.optional(),
  OPERATORS_TOKEN_HASH: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal digits, as the command operator token prints them')
    .optional(),
  POSTGRES_PORT: port.optional(),
  TEMPORAL_PORT: port.optional(),
  TEMPORAL_UI_PORT: port.optional(),
  TEMPORAL_CLI: z.string().max(1_000).optional(),
  SAMPLES: z.enum(['on', 'off']).default('on'),
  SAMPLES_FOR_LIVE_KEYS: z.enum(['true', 'false']).default('false'),
  DATABASE_URL: optionalUrl(['postgres:', 'postgresql:']),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(500).default(10),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s:/]+:\d{1,5}$/, 'must be host:port')
    .optional(),
  TEMPORAL_NAMESPACE: z.string().max(255).default('default'),
  TEMPORAL_TASK_QUEUE: z.string().max(255).default('jobs'),
  MEILI_URL: optionalUrl(['http:', 'https:']),
  MEILI_MASTER_KEY: z.string().min(16, 'must have at least 16 characters').max(1_000).optional(),
  MEILI_INDEX: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,100}$/, 'must be letters, digits, _ and -')
    .default('jobs'),
  MEILI_BIN: z.string().max(1_000).optional(),
  MEILI_PORT: port.optional(),
  HOT_WINDOW_DAYS: z.coerce.number().int().min(1).max(36_500).default(184),
  WORKFLOW_BUNDLE: z.string().max(1_000).optional(),
  SCREENING_QUARANTINE_AT: z.coerce.number().min(0).max(1).default(DEFAULT_THRESHOLDS.quarantine),
  SCREENING_REJECT_AT: z.coerce.number().min(0).max(1).default(DEFAULT_THRESHOLDS.reject),
  KEY_PEPPER: z.string().min(32, 'must have at least 32 characters').optional(),
  KEY_ENCRYPTION_KEY: z
    .base64()
    .refine((text) => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes in base64')
    .optional(),
  PUBLIC_URL: optionalUrl(['http:', 'https:']),
  SMTP_URL: optionalUrl(['smtp:', 'smtps:']),
  SMTP_TLS: z.enum(['required', 'optional']).default('required'),
  MAIL_FROM: z
    .string()
    .max(320)
    .regex(/^(?:[^<>\r\n]+ )?<?[^\s<>@]+@[^\s<>@]+>?$/, 'must be an address, or a name and an address in <>')
    .optional(),
  SUPPORT_EMAIL: emailAddress.default('support@example.com'),
  SALES_EMAIL: emailAddress.default('sales@example.com'),
  SIGNUPS_PER_IP_PER_HOUR: hourlyLimit.default(10),
  SIGNUPS_PER_EMAIL_PER_HOUR: hourlyLimit.default(3),
  RECOVERIES_PER_IP_PER_HOUR: hourlyLimit.default(30),
  DISPOSABLE_ADDRESSES: z.enum(['refused', 'taken']).default('refused'),
  REFUSED_EMAIL_DOMAINS: z.string().max(10_000).default(''),
  ALERT_MAX_AGE: duration.prefault('24h'),
  WEBHOOK_ALLOW_LOOPBACK: z.enum(['true', 'false']).optional(),
  WEBHOOK_EXTRA_PORTS: portList.prefault(''),
  WEBHOOK_RETRY_SECONDS: retrySeconds.prefault(DEFAULT_RETRY_SECONDS.join(',')),
  RESPONSE_CACHE_MIB: z.coerce.number().int().min(0).max(65_536).default(64),
  PUSH_BACKLOG_LIMIT: z.coerce.number().int().min(1).max(100_000).default(200),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

const repositoryRoot = resolve(__dirname, '..');

/** A wrong or missing setting, told as a sentence that names the variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** @throws ConfigError naming every variable that is wrong. */
export function loadConfig(environment: NodeJS.ProcessEnv) {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`Wrong settings in the environment. ${faults.join('; ')}.`);
  }
  const variables = parsed.data;
  return {
    dataDir: resolve(repositoryRoot, variables.DATA_DIR),
    apiHost: variables.API_HOST,
    apiPort: variables.API_PORT,
    tls: tlsOf(variables),
    transport: transportOf(variables),
    operatorsHost: variables.OPERATORS_HOST,
    operatorsPort: variables.OPERATORS_PORT,
    operatorsTokenHash: variables.OPERATORS_TOKEN_HASH,
    postgresPort: variables.POSTGRES_PORT,
    temporalPort: variables.TEMPORAL_PORT,
    temporalUiPort: variables.TEMPORAL_UI_PORT,
    temporalCli: variables.TEMPORAL_CLI,
    samples: variables.SAMPLES === 'on',
    samplesForLiveKeys: variables.SAMPLES_FOR_LIVE_KEYS === 'true',
    databaseUrl: variables.DATABASE_URL,
    databasePoolSize: variables.DATABASE_POOL_SIZE,
    temporalAddress: variables.TEMPORAL_ADDRESS,
    temporalNamespace: variables.TEMPORAL_NAMESPACE,
    temporalTaskQueue: variables.TEMPORAL_TASK_QUEUE,
    meiliUrl: variables.MEILI_URL,
    meiliMasterKey: variables.MEILI_MASTER_KEY,
    meiliIndex: variables.MEILI_INDEX,
    meiliBin: variables.MEILI_BIN,
    meiliPort: variables.MEILI_PORT,
    hotWindowDays: variables.HOT_WINDOW_DAYS,
    workflowBundle: variables.WORKFLOW_BUNDLE,
    screeningThresholds: {
      quarantine: variables.SCREENING_QUARANTINE_AT,
      reject: variables.SCREENING_REJECT_AT,
    },
    keyPepper: variables.KEY_PEPPER,
    keyEncryptionKey: variables.KEY_ENCRYPTION_KEY,
    publicUrl: variables.PUBLIC_URL?.replace(/\/+$/, ''),
    smtpUrl: variables.SMTP_URL,
    smtpTlsRequired: variables.SMTP_TLS === 'required',
    mailFrom: variables.MAIL_FROM,
    supportEmail: variables.SUPPORT_EMAIL,
    salesEmail: variables.SALES_EMAIL,
    signUps: {
      perAddressAndHour: variables.SIGNUPS_PER_IP_PER_HOUR,
      perEmailAndHour: variables.SIGNUPS_PER_EMAIL_PER_HOUR,
      recoveriesPerAddressAndHour: variables.RECOVERIES_PER_IP_PER_HOUR,
    },
    refusedEmailDomains: {
      disposable: variables.DISPOSABLE_ADDRESSES === 'refused',
      others: variables.REFUSED_EMAIL_DOMAINS.split(',').map((name) => name.trim()),
    },
    alertMaxAgeMs: variables.ALERT_MAX_AGE,
    webhooks: webhooksOf(variables),
    isPublic: isPublic(variables),
    responseCacheMiB: variables.RESPONSE_CACHE_MIB,
    pushBacklogLimit: variables.PUSH_BACKLOG_LIMIT,
    logLevel: variables.LOG_LEVEL,
  };
}

type Variables = z.infer<typeof environmentSchema>;

/** @throws ConfigError when one of the two is missing, or the address by which the API could be probed. */
function tlsOf({
  TLS_CERT,
  TLS_KEY,
  PUBLIC_URL,
}: Variables): { certPath: string; keyPath: string } | undefined {
  if (TLS_CERT === undefined && TLS_KEY === undefined) return undefined;
  if (TLS_CERT !== undefined && TLS_KEY !== undefined) {
    if (PUBLIC_URL?.startsWith('https:')) return { certPath: TLS_CERT, keyPath: TLS_KEY };
    throw new ConfigError(
      'PUBLIC_URL is no https: address, and with TLS_CERT it must be: the API probes itself by it, and the certificate is for its name.',
    );
  }
  const missing = TLS_CERT === undefined ? 'TLS_CERT' : 'TLS_KEY';
  throw new ConfigError(`${missing} is not set: TLS_CERT and TLS_KEY belong together.`);
}

/** @throws ConfigError when every request would be refused. */
function transportOf({ TLS_CERT, TRUST_PROXY, HTTPS_REQUIRED, CORS_ORIGINS }: Variables) {
  const servesTls = TLS_CERT !== undefined;
  const isRequired = HTTPS_REQUIRED === 'true';
  if (isRequired && !servesTls && TRUST_PROXY === undefined) {
    throw new ConfigError(
      'HTTPS_REQUIRED is true, and nobody could speak HTTPS: set TLS_CERT and TLS_KEY, or TRUST_PROXY for the proxy that does.',
    );
  }
  return {
    trustProxy: TRUST_PROXY,
    httpsRequired: servesTls || isRequired,
    corsOrigins: CORS_ORIGINS,
  };
}

/** Whether others reach this service, and not only those on this machine. */
function isPublic({ TLS_CERT, NODE_ENV }: Variables): boolean {
  return TLS_CERT !== undefined || NODE_ENV === 'production';
}

/** @throws ConfigError when a service that others reach would send requests to itself. */
function webhooksOf(variables: Variables) {
  const allowsLoopback =
    variables.WEBHOOK_ALLOW_LOOPBACK === undefined ? undefined : variables.WEBHOOK_ALLOW_LOOPBACK === 'true';
  if (allowsLoopback === true && isPublic(variables)) {
    throw new ConfigError(
      'WEBHOOK_ALLOW_LOOPBACK is true, and this is a service that others reach (TLS_CERT, or NODE_ENV=production): leave it out.',
    );
  }
  return {
    /** Undefined: not said. */
    allowsLoopback,
    extraPorts: variables.WEBHOOK_EXTRA_PORTS,
    retrySeconds: variables.WEBHOOK_RETRY_SECONDS,
  };
}

export type Config = ReturnType<typeof loadConfig>;

/** The value of a setting this process cannot do without. @throws ConfigError naming the variable. */
export function required<T>(value: T | undefined, variable: string): T {
  if (value === undefined) throw new ConfigError(`${variable} is not set, and this process needs it.`);
  return value;
}
