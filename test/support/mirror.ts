import type supertest from 'supertest';
import type { Db } from '../../db/connection';
import type { JobView } from '../../domain/jobView';

export interface ChangeEntry {
  change: 'created' | 'updated' | 'closed' | 'removed';
  id: string;
  changed_at: string;
  job: JobView | null;
  reason: string | null;
  replaced_by: string | null;
}

/** Keeps jobs as a customer does: asks for changes, and applies them in order. */
export class Mirror {
  readonly jobs = new Map<string, JobView>();

  constructor(
    private readonly get: (path: string) => supertest.Test,
    private since: string,
    private readonly limit = 100,
  ) {}

  /** Asks until there is nothing more for now. Returns what it was told. */
  async poll(): Promise<ChangeEntry[]> {
    const told: ChangeEntry[] = [];
    for (;;) {
      const query = new URLSearchParams({ since: this.since, limit: String(this.limit) }).toString();
      const { body } = await this.get(`/jobs/changes?${query}`).expect(200);
      for (const entry of body.data as ChangeEntry[]) {
        told.push(entry);
        if (entry.job) this.jobs.set(entry.id, entry.job);
        else this.jobs.delete(entry.id);
      }
      this.since = body.next_cursor;
      if (body.has_more !== true) return told;
    }
  }

  /** What it holds, as `id: title`, in order of ids. */
  titles(): string[] {
    return [...this.jobs].map(([id, { title }]) => `${id}: ${title}`).sort();
  }
}

/**
 * Waits until no transaction as old as the latest change is open, which the order of changes waits for: those of other tests on the
 * same server count too.
 */
export async function changesAreFinal(db: Db): Promise<void> {
  const { rows } = await db.raw<{ rows: { next: string }[] }>(
    `select pg_snapshot_xmax(pg_current_snapshot()) as next`,
  );
  const deadline = Date.now() + 30_000;
  for (;;) {
    const reached = await db.raw<{ rows: { is_final: boolean }[] }>(
      `select pg_snapshot_xmin(pg_current_snapshot()) >= cast(:next as xid8) as is_final`,
      { next: rows[0]?.next ?? '0' },
    );
    if (reached.rows[0]?.is_final === true) return;
    if (Date.now() > deadline) throw new Error('A transaction stays open.');
    await new Promise(setImmediate);
  }
}
