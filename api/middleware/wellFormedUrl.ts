import type { Request, RequestHandler } from 'express';
import { AppError, type FieldFault } from '../../domain/errors';

/** The query string is read up to this many parameters; Node would drop the rest in silence. */
const MAX_QUERY_PARAMETERS = 1_000;
const MAX_SHOWN_LENGTH = 100;

/** Refuses addresses without a host, not properly percent-encoded, or with a NUL, naming every parameter concerned. */
export const wellFormedUrl: RequestHandler = (request, _response, next) => {
  const faults = [...hostFaults(request), ...pathFaults(request), ...queryFaults(request)];
  if (faults.length > 0) throw new AppError('invalid_parameter', 'The address is malformed.', { faults });
  next();
};

/** HTTP/1.1 asks for one (RFC 9112, 3.2). */
function hostFaults({ headers, httpVersion }: Request): FieldFault[] {
  if (httpVersion !== '1.1' || headers.host !== undefined) return [];
  return [{ parameter: 'Host', message: 'The Host header is missing.' }];
}

function pathFaults({ path }: Request): FieldFault[] {
  const message = encodingFault(path);
  return message === null ? [] : [{ parameter: 'path', message, received: path.slice(0, MAX_SHOWN_LENGTH) }];
}

function queryFaults({ originalUrl }: Request): FieldFault[] {
  const start = originalUrl.indexOf('?');
  const parameters = start < 0 ? [] : originalUrl.slice(start + 1).split('&', MAX_QUERY_PARAMETERS + 1);
  if (parameters.length > MAX_QUERY_PARAMETERS) {
    return [{ parameter: 'query', message: `There are more than ${MAX_QUERY_PARAMETERS} parameters.` }];
  }
  return parameters.flatMap((text) => {
    const message = encodingFault(text);
    if (message === null) return [];
    const [parameter = ''] = text.split('=', 1);
    return [
      { parameter: parameter.slice(0, MAX_SHOWN_LENGTH), message, received: text.slice(0, MAX_SHOWN_LENGTH) },
    ];
  });
}

function encodingFault(text: string): string | null {
  if (!text.includes('%')) return null;
  try {
    return decodeURIComponent(text).includes('\0') ? 'NUL characters are not allowed.' : null;
  } catch {
    return 'The percent-encoding is malformed: write UTF-8 bytes as %XX, and a percent sign itself as %25.';
  }
}
