import type { RequestHandler } from 'express';
import { strictTransportSecurity } from 'helmet';
import { AppError } from '../../domain/errors';

const YEAR_SECONDS = 31_536_000;
/** Orchestrators ask these past the proxy, without a key. */
const PROBES: readonly string[] = ['/livez', '/readyz', '/v1/livez', '/v1/readyz'];

/** For this host alone: what runs on others below its name is not ours to say. */
const staysWithHttps = strictTransportSecurity({ maxAge: YEAR_SECONDS, includeSubDomains: false });

/** A redirect would hide that whatever key came along has crossed the network readable. */
export function plainHttpRefused(): AppError {
  return new AppError(
    'https_required',
    'Plain HTTP is refused here: use https. If this request carried a key, others may have read it on its way: rotate it.',
  );
}

/**
 * Refuses requests whose caller spoke plain HTTP, to us or to the proxy that `TRUST_PROXY` names; tells others to stay with
 * HTTPS. @throws AppError `https_required`.
 */
export const httpsRequired: RequestHandler = (request, response, next) => {
  if (request.secure) staysWithHttps(request, response, next);
  else if (PROBES.includes(request.path)) next();
  else throw plainHttpRefused();
};
