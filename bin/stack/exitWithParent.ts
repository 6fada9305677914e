const GRACE_MS = 15_000;

/**
 * Makes a child of `npm start` end when its parent is gone: it gets the SIGTERM the parent can no longer send, and is
 * ended for good when that takes too long. Does nothing in a process that was not started with an IPC channel.
 */
export function exitWithParent(): void {
  if (!process.connected) return;
  process.once('disconnect', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.exit(1), GRACE_MS).unref();
  });
  // The channel alone is no reason to stay alive.
  process.channel?.unref();
}
