/** Signals this close to each other are one Ctrl-C, passed on by npm and tsx as well. */
const SAME_SIGNAL_MS = 500;

/**
 * Aborted at the first SIGINT, SIGTERM or SIGHUP. At a later one, when the clean stop takes too long for whoever waits,
 * `onImpatience` is called.
 */
export function stopSignal(onImpatience: () => void): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const handle = () => {
    firstAt ??= Date.now();
    if (!controller.signal.aborted) controller.abort();
    else if (Date.now() - firstAt > SAME_SIGNAL_MS) onImpatience();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, handle);
  return controller.signal;
}

/** Resolves when the signal is aborted. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The promise's outcome, or a rejection as soon as the signal is aborted: for work that cannot be called off. */
export function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const abort = untilAborted(signal).then(() => Promise.reject(new Error('stopped')));
  return Promise.race([work, abort]);
}
