import { errors } from 'undici';
import { TimeOver } from './exchange';

const WORDS: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  ETIMEDOUT: 'timeout',
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_closed',
  EPIPE: 'connection_closed',
  UND_ERR_SOCKET: 'connection_closed',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'connection_closed',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EACCES: 'unreachable',
  EINVAL: 'unreachable',
  UND_ERR_HEADERS_OVERFLOW: 'headers_too_large',
  EPROTO: 'tls: protocol',
};

/** Of OpenSSL's checks of a certificate (`CERT_HAS_EXPIRED`), which have no prefix of their own. */
const CERTIFICATE_CODE = /CERT|CRL|ISSUER|SIGNATURE|CHAIN|CA$|PURPOSE|HOSTNAME_MISMATCH/;
const TLS_CODE = /^ERR_(?:TLS|SSL)_(.+)$/;
const CODE = /^[A-Za-z]\w{0,99}$/;

/**
 * Why a request got no answer that counts, in words that stay the same. By codes alone: what errors say in their messages names
 * addresses and headers.
 */
export function describeFailure(error: unknown): string {
  if (error instanceof TimeOver) return 'timeout';
  if (error instanceof errors.HTTPParserError) return 'invalid_answer';
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string' || !CODE.test(code)) return 'failed';
  const word = WORDS[code];
  if (word !== undefined) return word;
  const tls = TLS_CODE.exec(code)?.[1] ?? (CERTIFICATE_CODE.test(code) ? code : undefined);
  return tls === undefined ? `failed: ${code.toLowerCase()}` : `tls: ${tls.toLowerCase()}`;
}

/** Why an answer is no success; null: it is one. */
export function faultOfStatus(statusCode: number): string | null {
  if (statusCode >= 200 && statusCode < 300) return null;
  return statusCode >= 300 && statusCode < 400
    ? `redirect ${statusCode} not followed`
    : `status ${statusCode}`;
}
