import { Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';

const INTERVAL_MS = 2_000;

/** Heartbeat timeout, in ms, of activities that leave their heartbeats to this interceptor (workflows/activities.ts). */
const LIVENESS_TIMEOUT_MS = 15_000;

/**
 * Says every two seconds that an activity is alive, so that the server hears of a killed worker within fifteen seconds and hands
 * the activity to another, instead of waiting for the time the activity itself may take. Long activities tell their own progress
 * by heartbeats and are left alone.
 */
export const heartbeatInterceptor: ActivityInboundCallsInterceptor = {
  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    const context = Context.current();
    if (context.info.heartbeatTimeoutMs !== LIVENESS_TIMEOUT_MS) return await next(input);
    const timer = setInterval(() => context.heartbeat(), INTERVAL_MS);
    try {
      return await next(input);
    } finally {
      clearInterval(timer);
    }
  },
};
