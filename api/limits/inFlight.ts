/** How many requests of each account are under way in this process. */
export interface InFlight {
  /** Gives how many there are now, this one included. */
  enter: (accountId: string) => number;
  leave: (accountId: string) => void;
}

export function createInFlight(): InFlight {
  const counts = new Map<string, number>();
  return {
    enter(accountId) {
      const count = (counts.get(accountId) ?? 0) + 1;
      counts.set(accountId, count);
      return count;
    },
    leave(accountId) {
      const count = (counts.get(accountId) ?? 0) - 1;
      if (count > 0) counts.set(accountId, count);
      else counts.delete(accountId);
    },
  };
}
