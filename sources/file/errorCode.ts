/** The code that Node gives its errors (`ENOENT`, `Z_BUF_ERROR`). */
export function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error
    ? String(error.code)
    : 'unknown error';
}
