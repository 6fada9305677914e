import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const OWN = join(__dirname, 'browser');
const SWAGGER_UI = dirname(require.resolve('swagger-ui-dist/package.json'));

/** Every file that the pages load: nothing else can be asked for, and nothing comes from another host. */
const FILES: Readonly<Record<string, string>> = {
  'reference.js': OWN,
  'requestSnippets.js': OWN,
  'guide.js': OWN,
  'docs.css': OWN,
  'swagger-ui-bundle.js': SWAGGER_UI,
  'swagger-ui.css': SWAGGER_UI,
  'favicon-32x32.png': SWAGGER_UI,
};

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.png': 'image/png',
};

interface Asset {
  contentType: string;
  etag: string;
  plain: Buffer;
  gzipped: Buffer;
}

const loaded = new Map<string, Asset>();

/** A file of the pages, read and packed when it is first asked for; null when it is none of theirs. */
export function findAsset(name: string): Asset | null {
  const known = loaded.get(name);
  if (known) return known;
  const folder = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
  if (folder === undefined) return null;
  const plain = readFileSync(join(folder, name));
  const asset = {
    contentType: CONTENT_TYPES[extname(name)] ?? 'application/octet-stream',
    // Weak: the packed and the plain form share it.
    etag: `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 27)}"`,
    plain,
    gzipped: gzipSync(plain),
  };
  loaded.set(name, asset);
  return asset;
}
