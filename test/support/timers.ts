interface Timer {
  at: number;
  action: () => Promise<void>;
}

export interface TestTimers {
  after: (ms: number, action: () => Promise<void>) => void;
  /** Lets so much time pass and waits for everything that is due in it, in order. */
  pass: (ms: number) => Promise<void>;
}

/** Time that passes only when the test says so. */
export function createTimers(): TestTimers {
  let now = 0;
  let waiting: Timer[] = [];
  return {
    after: (ms, action) => void waiting.push({ at: now + ms, action }),
    pass: async (ms) => {
      const end = now + ms;
      for (;;) {
        const [next] = waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        waiting = waiting.filter((timer) => timer !== next);
        now = next.at;
        await next.action();
      }
      now = end;
    },
  };
}
