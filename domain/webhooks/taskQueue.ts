/** The task queue on which webhooks are delivered, beside the one on which all else is done. */
export function deliveryTaskQueue(taskQueue: string): string {
  return `${taskQueue}-deliveries`;
}
