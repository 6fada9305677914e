import { Router, type Response } from 'express';
import { AppError } from '../../domain/errors';
import type { ApiServices } from '../services';
import { findAsset } from './assets';
import { findGuide } from './guides';
import { guidePage, referencePage } from './pages';

/** Of these pages alone: they load from this server, talk to this server, and run nothing that is written inside them. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // Swagger UI's icons are data URLs.
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const ASSET_MAX_AGE_SECONDS = 3_600;
const ALLOWED_METHODS = ['GET', 'HEAD'];

/**
 * Serves the reference page, the customers' guides and what they are made of. No key is asked for.
 * @param prefix what the addresses of the API begin with where it is mounted: nothing, or `/v1`.
 */
export function docsRouter(
  prefix: '' | '/v1',
  { samplesForLiveKeys }: Pick<ApiServices, 'samplesForLiveKeys'>,
): Router {
  const router = Router();
  router.use((request, response, next) => {
    request.context.route = '/docs';
    if (ALLOWED_METHODS.includes(request.method)) {
      next();
      return;
    }
    response.set('Allow', ALLOWED_METHODS.join(', '));
    throw new AppError(
      'method_not_allowed',
      `The pages under /docs answer ${ALLOWED_METHODS.join(', ')} only.`,
    );
  });
  router.get('/', (_request, response) =>
    sendPage(response, referencePage(prefix, { isLocalStack: samplesForLiveKeys })),
  );
  router.get('/assets/:name', (request, response) => {
    const asset = findAsset(request.params.name);
    if (!asset) throw new AppError('not_found', 'The pages under /docs have no such file.');
    response.set({
      'Content-Type': asset.contentType,
      'Cache-Control': `public, max-age=${ASSET_MAX_AGE_SECONDS}`,
      ETag: asset.etag,
      Vary: 'Accept-Encoding',
    });
    if (request.acceptsEncodings('gzip') === 'gzip') {
      response.set('Content-Encoding', 'gzip').send(asset.gzipped);
    } else {
      response.send(asset.plain);
    }
  });
  router.get('/:guide', ({ params }, response) => {
    const html = findGuide(params.guide);
    if (html === null)
      throw new AppError('not_found', `There is no such guide. The pages are listed at ${prefix}/docs.`);
    sendPage(response, guidePage(prefix, params.guide, html));
  });
  return router;
}

function sendPage(response: Response, html: string): void {
  response.set({ 'Content-Security-Policy': CONTENT_SECURITY_POLICY }).type('html').send(html);
}
