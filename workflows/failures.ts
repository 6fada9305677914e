import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  setCurrentDetails,
  TemporalFailure,
} from '@temporalio/workflow';
import type { RunFailure } from '../domain/outcome';

/** What went wrong, from the innermost cause: the layers around it only say where. */
export function describeFailure(error: unknown): RunFailure {
  if (isCancellation(error)) return { type: 'cancelled', message: 'The run was cancelled.' };
  if (error instanceof ChildWorkflowFailure) {
    const { type, message } = describeFailure(error.cause);
    return { type, message: `${error.execution.workflowId ?? 'A batch'} failed: ${message}` };
  }
  if (error instanceof ActivityFailure && error.cause) return describeFailure(error.cause);
  if (error instanceof ApplicationFailure) return { type: error.type ?? error.name, message: error.message };
  if (error instanceof TemporalFailure) return { type: error.name, message: error.message };
  return error instanceof Error
    ? { type: error.name, message: error.message }
    : { type: 'unknown', message: String(error) };
}

/** The failure by whose first line the Temporal UI and the command line say what went wrong. */
export function asShownFailure(error: unknown): unknown {
  if (isCancellation(error)) return error;
  const { type, message } = describeFailure(error);
  setCurrentDetails(message);
  if (error instanceof ApplicationFailure) return error;
  return ApplicationFailure.create({
    message,
    type,
    nonRetryable: true,
    ...(error instanceof Error ? { cause: error } : {}),
  });
}
