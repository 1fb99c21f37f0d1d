// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import { QibenchError } from '#contract/error.js';
import type { Chunk } from '#contract/workload-upload.js';
import { quotaExceeded, type Access } from '#domain/access.js';
import { transaction, type Store } from './store.js';

/** Days for which a chunk waits for the upload that names it. */
const UNNAMED_DAYS = 1;
/** Hours for which a use of a chunk is not recorded again: repeated requests write nothing. */
const RECORDED_HOURS = 1;
/** Most chunks removed in one statement. */
const REMOVED_AT_ONCE = 1_000;
/**
 * Bytes that the smallest chunk counts for a quota. It bounds the number of a project's rows, which
 * every new chunk adds up.
 */
const LEAST_COUNTED_BYTES = 64 * 1024;

/** SQL of the bytes that a chunk counts for its project's quota. */
export const COUNTED_SQL = `greatest(packed_bytes, ${LEAST_COUNTED_BYTES})`;

const IS_STALE = (table: string): string =>
  `${table}.used_at < now() - interval '${RECORDED_HOURS} hours'`;

/** The project of a caller, with its quota. */
type Sender = Pick<Access, 'project' | 'quota'>;

/**
 * Stores a chunk for a project. Idempotent: equal bytes are stored once for all projects. They count
 * once for each project, with the size that it has sent, so that it learns nothing of the others.
 *
 * @param packed The bytes, as gzip.
 * @throws {QUOTA_EXCEEDED} The project's workloads would exceed its quota.
 */
export async function saveChunk(
  store: Store,
  { digest, sizeBytes }: Chunk,
  packed: Buffer,
  { project, quota }: Sender,
): Promise<void> {
  await transaction(store, async (client) => {
    await client.query(
      `INSERT INTO chunk (digest, size_bytes, packed_bytes, packed) VALUES ($1, $2, $3, $4)
       ON CONFLICT (digest) DO UPDATE SET used_at = now() WHERE ${IS_STALE('chunk')}`,
      [digest, sizeBytes, packed.length, packed],
    );
    if (project === null) return;
    // Without the lock, concurrent chunks would not count each other's bytes.
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 7273))', [project]);
    const mine = await client.query(
      `INSERT INTO chunk_project (project, digest, packed_bytes) VALUES ($1, $2, $3)
       ON CONFLICT (project, digest) DO UPDATE SET used_at = now()
       WHERE ${IS_STALE('chunk_project')}
       RETURNING xmax = 0 AS new`,
      [project, digest, packed.length],
    );
    if ((mine.rows as { new: boolean }[])[0]?.new !== true || quota === null) return;
    const { rows } = await client.query<{ bytes: string }>(
      `SELECT sum(${COUNTED_SQL})::text AS bytes FROM chunk_project WHERE project = $1`,
      [project],
    );
    const bytes = Number(rows[0]!.bytes);
    if (bytes > quota.workloadBytes)
      throw quotaExceeded(project, 'bytes of workloads', quota.workloadBytes, bytes);
  });
}

/** A stored chunk that the caller may name. */
export interface KnownChunk {
  readonly digest: string;
  readonly sizeBytes: number;
  readonly packedBytes: number;
}

/**
 * Returns the chunks among these digests that the caller itself has sent, and keeps them for another
 * day. A caller without a project may name every chunk.
 */
export async function knownChunks(
  store: Store,
  digests: readonly string[],
  { project }: Pick<Sender, 'project'>,
): Promise<Map<string, KnownChunk>> {
  return transaction(store, async (client) => {
    const { rows } = await client.query<KnownChunk & { stale: boolean }>(
      `SELECT chunk.digest, size_bytes AS "sizeBytes",
         coalesce(mine.packed_bytes, chunk.packed_bytes) AS "packedBytes",
         ${IS_STALE('chunk')} OR coalesce(${IS_STALE('mine')}, false) AS stale
       FROM chunk
       LEFT JOIN chunk_project AS mine ON mine.digest = chunk.digest AND mine.project = $2
       WHERE chunk.digest = ANY($1) AND ($2::text IS NULL OR mine.project IS NOT NULL)`,
      [digests, project],
    );
    await touch(
      client,
      rows.filter(({ stale }) => stale).map(({ digest }) => digest),
      project,
    );
    return new Map(rows.map((row) => [row.digest, row]));
  });
}

/**
 * Records that chunks are used.
 * @throws {BAD_WORKLOAD} A chunk has been removed since.
 */
async function touch(
  client: pg.PoolClient,
  digests: readonly string[],
  project: string | null,
): Promise<void> {
  if (digests.length === 0) return;
  // In the order of digests: concurrent callers lock rows in the same sequence.
  const { rowCount } = await client.query(
    `WITH own AS (
       SELECT digest FROM chunk WHERE digest = ANY($1) ORDER BY digest FOR NO KEY UPDATE
     )
     UPDATE chunk SET used_at = now() FROM own WHERE chunk.digest = own.digest`,
    [digests],
  );
  if (rowCount !== digests.length)
    throw new QibenchError('BAD_WORKLOAD', { reason: 'an old chunk was removed; send it again' });
  if (project !== null)
    await client.query(
      'UPDATE chunk_project SET used_at = now() WHERE project = $1 AND digest = ANY($2)',
      [project, digests],
    );
}

/** Returns a chunk as gzip; null if it is not stored. */
export async function readChunk(store: Store, digest: string): Promise<Buffer | null> {
  const { rows } = await store.pool.query<{ packed: Buffer }>(
    'SELECT packed FROM chunk WHERE digest = $1',
    [digest],
  );
  return rows[0]?.packed ?? null;
}

/** Returns the digests of an upload's chunks, in order. */
export async function chunksOf(store: Store, upload: string): Promise<string[]> {
  const { rows } = await store.pool.query<{ chunk: string }>(
    'SELECT chunk FROM upload_chunk WHERE upload = $1 ORDER BY position',
    [upload],
  );
  return rows.map(({ chunk }) => chunk);
}

/**
 * Removes chunks that no upload names, and the share of projects in chunks that none of their own
 * uploads names.
 * @returns Number of removed chunks.
 */
export async function removeUnusedChunks(store: Store): Promise<number> {
  await store.pool.query(
    `DELETE FROM chunk_project AS mine
     WHERE used_at < now() - $1::float8 * interval '1 day'
       AND NOT EXISTS (
         SELECT 1
         FROM upload_chunk
         JOIN upload_project ON upload_project.digest = upload_chunk.upload
         WHERE upload_chunk.chunk = mine.digest AND upload_project.project = mine.project)`,
    [UNNAMED_DAYS],
  );
  let removed = 0;
  for (;;) {
    const { rowCount } = await store.pool.query(
      `DELETE FROM chunk
       WHERE digest IN (
         SELECT digest FROM chunk
         WHERE used_at < now() - $1::float8 * interval '1 day'
           AND NOT EXISTS (SELECT 1 FROM upload_chunk WHERE chunk = chunk.digest)
         ORDER BY digest
         LIMIT $2
         FOR UPDATE SKIP LOCKED)
         AND used_at < now() - $1::float8 * interval '1 day'`,
      [UNNAMED_DAYS, REMOVED_AT_ONCE],
    );
    removed += rowCount ?? 0;
    if ((rowCount ?? 0) < REMOVED_AT_ONCE) return removed;
  }
}
