/** Pauses between looks at an engine that failed: the first, doubled each time it fails again, and the longest. */
const FIRST_REST_MS = 250;
const LONGEST_REST_MS = 5_000;

export interface CircuitOptions {
  /** A small call that fails while the engine cannot be used. */
  probe: () => Promise<unknown>;
  /** Whether an error is the engine's doing, and not that of one call alone. */
  isFailure: (error: unknown) => boolean;
  /** Runs the action once, so many milliseconds from now. */
  after: (ms: number, action: () => Promise<void>) => void;
  onChange: (isOpen: boolean) => void;
}

export interface Circuit {
  isOpen(): boolean;
  /** Runs a call while the circuit is closed; one that fails by the engine's doing opens it. Errors are passed on. */
  call<T>(action: () => Promise<T>): Promise<T>;
}

/**
 * Keeps callers from an engine that failed. One failure opens the circuit; from then on only probes in the background look at the
 * engine, so nobody waits for it, and the first that succeeds closes it. An engine that answers probes and fails at calls is
 * left alone for longer each time: only a call that succeeds starts the pauses from the first again.
 */
export function createCircuit({ probe, isFailure, after, onChange }: CircuitOptions): Circuit {
  let isOpen = false;
  let openings = 0;
  let failuresInARow = 0;

  function rest(): void {
    const ms = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** failuresInARow);
    failuresInARow += 1;
    after(ms, async () => {
      try {
        await probe();
      } catch {
        rest();
        return;
      }
      isOpen = false;
      onChange(false);
    });
  }

  return {
    isOpen: () => isOpen,
    call: async (action) => {
      // What was begun before the circuit last opened tells nothing new when it ends.
      const begunAt = openings;
      try {
        const result = await action();
        if (begunAt === openings) failuresInARow = 0;
        return result;
      } catch (error) {
        if (begunAt === openings && isFailure(error)) {
          isOpen = true;
          openings += 1;
          onChange(true);
          rest();
        }
        throw error;
      }
    },
  };
}
