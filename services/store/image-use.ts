// SPDX-License-Identifier: GPL-2.0-or-later
import type { Store } from './store.js';

/** Records that an engine uses an image or a volume now. */
export async function recordImageUse(store: Store, engine: string, image: string): Promise<void> {
  await store.pool.query(
    `INSERT INTO image_use (engine, image)
     VALUES ($1, $2)
     ON CONFLICT (engine, image) DO UPDATE SET used_at = now()`,
    [engine, image],
  );
}

export interface ImageUses {
  /** Time of the last use by tag, in ms since 1970. */
  readonly usedMs: ReadonlyMap<string, number>;
  /**
   * Start of the oldest running job: an image used since then may belong to a running job. Null: no
   * job runs.
   */
  readonly runningSinceMs: number | null;
}

/** Returns when each cached image of an engine was last used, and since when jobs run. */
export async function imageUses(store: Store, engine: string): Promise<ImageUses> {
  const uses = await store.pool.query<{ image: string; ms: number }>(
    `SELECT image, (extract(epoch FROM used_at) * 1000)::float8 AS ms
     FROM image_use
     WHERE engine = $1`,
    [engine],
  );
  const running = await store.pool.query<{ ms: number | null }>(
    `SELECT (extract(epoch FROM min(started_at)) * 1000)::float8 AS ms
     FROM job
     WHERE state IN ('building', 'measuring')`,
  );
  return {
    usedMs: new Map(uses.rows.map(({ image, ms }) => [image, ms])),
    runningSinceMs: running.rows[0]!.ms,
  };
}

export async function forgetImage(store: Store, engine: string, image: string): Promise<void> {
  await store.pool.query('DELETE FROM image_use WHERE engine = $1 AND image = $2', [engine, image]);
}
