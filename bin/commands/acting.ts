import { toTimestamp } from '../../domain/time';

/** Who acts by the command line, as the audit log names them, and when. */
export function actingNow() {
  return { actor: 'cli', now: toTimestamp(Date.now()) };
}
