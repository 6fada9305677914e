import { type Announce, createAnnouncer } from '../activities/announcements';
import { createMatcher, type Matcher } from '../activities/matcher';
import { toTimestamp } from '../domain/time';
import type { Config } from './config';

/** Holds every saved search that an endpoint hears of in memory. */
export function matcherOf({ samplesForLiveKeys }: Config): Matcher {
  return createMatcher({ samplesForLiveKeys });
}

export function announcerOf(config: Config, matcher = matcherOf(config)): Announce {
  const { alertMaxAgeMs } = config;
  return createAnnouncer({ matcher, alertMaxAgeMs, clock: () => toTimestamp(Date.now()) });
}

/** The same for who publishes one posting now and then: saved searches are read each time, and forgotten. */
export function forgetfulAnnouncerOf(config: Config): Announce {
  return (transaction, changes, now) => announcerOf(config)(transaction, changes, now);
}
