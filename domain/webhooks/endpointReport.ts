import type { Timestamp } from '../time';

/** How an endpoint stands, for its workflow and for operators. */
export interface EndpointReport {
  state: 'active' | 'failing' | 'resting' | 'held' | 'paused' | 'disabled' | 'removed';
  /** When there is something to do again; null: nothing waits. */
  nextAt: Timestamp | null;
  /** Deliveries that wait, up to 10,000. */
  pending: number;
  failuresInARow: number;
}
