import { AppError } from '../../domain/errors';

const MAX_ADDRESS_LENGTH = 4_096;

/** @throws AppError `invalid_parameter` for anything but an http or https address. */
export function parseAddress(text: string, base?: URL): URL {
  const isShort = text.length <= MAX_ADDRESS_LENGTH;
  const url = isShort && URL.canParse(text, base?.href) ? new URL(text, base) : null;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new AppError(
    'invalid_parameter',
    `${text.slice(0, 100)} is no http or https address of at most ${MAX_ADDRESS_LENGTH} characters.`,
  );
}

const MAX_SHOWN_PARAMETERS = 20;

/**
 * An address for people and logs: without password, and without the values of its query, which may be keys; only numbers that
 * are short enough to be those of a page are shown.
 */
export function displayAddress(url: URL): string {
  const shown = [...url.searchParams]
    .slice(0, MAX_SHOWN_PARAMETERS)
    .map(([name, value]) => `${name}=${/^\d{1,5}$/.test(value) ? value : '…'}`);
  return `${url.origin}${url.pathname}${shown.length === 0 ? '' : `?${shown.join('&')}`}`;
}

/**
 * Whether `url` is on the site of `home`: the same host and port, where `www.` and the step from http to https make no
 * difference.
 */
export function isSameSite(url: URL, home: URL): boolean {
  if (url.origin === home.origin) return true;
  const hostOf = ({ hostname }: URL) => hostname.replace(/^www\./, '');
  const isDowngrade = home.protocol === 'https:' && url.protocol === 'http:';
  return !isDowngrade && url.port === '' && home.port === '' && hostOf(url) === hostOf(home);
}
