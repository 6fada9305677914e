/** Digits and capitals that are not taken for one another when they are read off a screen. */
export const RECOVERY_CODE_ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
/** 49 bits. */
export const RECOVERY_CODE_LENGTH = 10;
/** From when it was last handed to the mail server. */
export const RECOVERY_CODE_LIFETIME_MS = 15 * 60_000;
export const MAX_RECOVERY_ATTEMPTS = 5;

const GROUP_LENGTH = 5;
const CODE = new RegExp(`^[${RECOVERY_CODE_ALPHABET}]{${RECOVERY_CODE_LENGTH}}$`);

/** The code as people see it: `7KQ2M-9XBTC`. */
export function displayRecoveryCode(code: string): string {
  return `${code.slice(0, GROUP_LENGTH)}-${code.slice(GROUP_LENGTH)}`;
}

/** The code that was typed, in whatever case, with or without dashes and blanks; null for what can be none. */
export function parseRecoveryCode(text: string): string | null {
  const code = text.replace(/[\s-]/g, '').toUpperCase();
  return CODE.test(code) ? code : null;
}
