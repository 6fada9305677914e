import { type Announce, createAnnouncer } from '../activities/announcements';
import { createMatcher } from '../activities/matcher';
import { toTimestamp } from '../domain/time';
import type { Config } from './config';

/** Tells endpoints of what the worker publishes: it holds every saved search in memory. */
export function announcerOf({ samplesForLiveKeys, alertMaxAgeMs }: Config): Announce {
  return createAnnouncer({
    matcher: createMatcher({ samplesForLiveKeys }),
    alertMaxAgeMs,
    clock: () => toTimestamp(Date.now()),
  });
}

/** The same for who publishes one posting now and then: saved searches are read each time, and forgotten. */
export function forgetfulAnnouncerOf(config: Config): Announce {
  return (transaction, changes, now) => announcerOf(config)(transaction, changes, now);
}
