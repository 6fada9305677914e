import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { AppError } from '../domain/errors';
import type { Timestamp } from '../domain/time';
import { bareAnswer, sendAndClose } from './bareAnswer';
import { plainHttpRefused } from './middleware/httpsRequired';
import { refusePlainHttp } from './plainHttp';

/** Of address and headers together. */
const MAX_HEADER_BYTES = 16 * 1_024;

/** Less than a process has to stop altogether, for usage is still to be written then. */
const STOP_GRACE_MS = 10_000;

/** How long a connection may take for what. */
export interface ConnectionLimits {
  /** From the first byte of a request, or from the beginning of the connection, to the end of the headers. */
  headersTimeoutMs: number;
  /** From there to the end of the body. */
  requestTimeoutMs: number;
  /** While nothing is sent and nothing received, as when the caller does not read the answer. */
  idleTimeoutMs: number;
  /** Between two requests. Longer than usual proxies keep theirs, lest they send one into a connection that is being closed. */
  keepAliveTimeoutMs: number;
  /** How often the first two are looked after. */
  checkEveryMs: number;
  /** Beyond so many, new ones are closed. */
  maxConnections: number;
}

const CONNECTION_LIMITS: ConnectionLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  keepAliveTimeoutMs: 65_000,
  checkEveryMs: 1_000,
  maxConnections: 10_000,
};

/** A certificate with its chain, and its private key, as PEM. */
export interface TlsMaterial {
  cert: string;
  key: string;
}

interface ApiServerOptions {
  /** None: plain HTTP. */
  tls?: TlsMaterial;
  logger: Logger;
  now: () => Timestamp;
  limits?: Partial<ConnectionLimits>;
}

/**
 * The server of an app, which does not listen yet. Callers who are slow, or speak what is no HTTP, or no TLS where there is TLS, are
 * answered in the envelope where they can be, and let go.
 */
export function createApiServer(app: RequestListener, options: ApiServerOptions): Server | TlsServer {
  const { tls, logger, now } = options;
  const limits = { ...CONNECTION_LIMITS, ...options.limits };
  const settings = {
    maxHeaderSize: MAX_HEADER_BYTES,
    // The app refuses that itself, in the envelope.
    requireHostHeader: false,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: limits.checkEveryMs,
  };
  const server = tls
    ? createTlsServer({ ...settings, ...tls, handshakeTimeout: limits.headersTimeoutMs }, app)
    : createServer(settings, app);
  server.timeout = limits.idleTimeoutMs;
  server.maxConnections = limits.maxConnections;

  const refuse = (socket: Duplex, error: AppError) => {
    const answer = bareAnswer(error, now());
    logger.info(
      { requestId: answer.requestId, code: error.code, status: error.status },
      'connection refused',
    );
    sendAndClose(socket, answer);
  };
  const isBeingAnswered = watchAnswers(server);
  const refused = new WeakSet<Duplex>();
  server.on('clientError', (fault: NodeJS.ErrnoException, socket: Duplex) => {
    // What else the caller sent is of no interest once the refusal is on its way.
    if (refused.has(socket)) return;
    refused.add(socket);
    const error = refusalOf(fault);
    if (error === null || !socket.writable || isBeingAnswered(socket)) socket.destroy();
    else refuse(socket, error);
  });
  // An expectation that we do not know is no reason to refuse (RFC 9110, 10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  if ('setSecureContext' in server) {
    refusePlainHttp(server, {
      patienceMs: limits.headersTimeoutMs,
      refuse: (socket) => refuse(socket, plainHttpRefused()),
    });
  }
  return server;
}

/** Takes no more connections, and gives what is under way this long to end; then breaks it off. */
export async function closeServer(server: Server | TlsServer, graceMs = STOP_GRACE_MS): Promise<void> {
  const breakOff = setTimeout(() => server.closeAllConnections(), graceMs);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearTimeout(breakOff);
}

/** Whether an answer has begun on the connection: anything else written to it then would look like a part of that. */
function watchAnswers(server: Server | TlsServer): (socket: Duplex) => boolean {
  const answers = new WeakMap<Duplex, Set<ServerResponse>>();
  server.prependListener('request', ({ socket }, response: ServerResponse) => {
    const open = answers.get(socket) ?? new Set();
    answers.set(socket, open.add(response));
    response.once('close', () => {
      open.delete(response);
      // Node lets connections go that are idle when the server closes, not those that become so afterwards.
      if (!server.listening) server.closeIdleConnections();
    });
  });
  return (socket) => [...(answers.get(socket) ?? [])].some(({ headersSent }) => headersSent);
}

export function headersTooLarge(): AppError {
  return new AppError(
    'headers_too_large',
    'The address and the headers together are longer than 16 KiB. A long filter goes into the body of POST /jobs/search.',
  );
}

export function requestTimedOut(): AppError {
  return new AppError('request_timeout', 'The request took too long to arrive.');
}

/** What to tell a caller of a request that did not come to be one; null where nobody would hear it. */
function refusalOf({ code = '' }: NodeJS.ErrnoException): AppError | null {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return headersTooLarge();
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new AppError('payload_too_large', 'The extensions of the chunks of the body are too long.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return requestTimedOut();
  }
  if (!code.startsWith('HPE_')) return null;
  const message = 'This is no well-formed HTTP request.';
  return new AppError('invalid_parameter', message, { faults: [{ parameter: 'request', message }] });
}
