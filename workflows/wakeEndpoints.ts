import { wakeForgottenEndpoints } from './activities';

/** Wakes the endpoints that have had something due for a while. */
export async function wakeEndpoints(): Promise<{ woken: number }> {
  return await wakeForgottenEndpoints();
}
