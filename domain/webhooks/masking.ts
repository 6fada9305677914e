/** What stands for what is not shown. */
const HIDDEN = '…';
const SHOWN_AT_THE_END = 4;
/** Of anything shorter, four characters would be too much of it. */
const LEAST_LENGTH = 12;

/** The last four characters of a text that is long enough to keep the rest secret. */
export function maskText(text: string): string {
  return text.length < LEAST_LENGTH ? HIDDEN : `${HIDDEN}${text.slice(-SHOWN_AT_THE_END)}`;
}

/** Scheme and host of an address; of what follows, which may be a password, its end: `https://hooks.example.com/…x7Qa`. */
export function maskUrl(url: string): string {
  const { origin, href } = new URL(url);
  const rest = href.slice(origin.length + 1);
  return rest === '' ? `${origin}/` : `${origin}/${maskText(rest)}`;
}

/** Whether a text holds what masking puts in the place of what it hides: whoever sends it has read it here. */
export function isMasked(text: string): boolean {
  return text.includes(HIDDEN);
}
