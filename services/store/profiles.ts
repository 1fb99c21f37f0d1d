// SPDX-License-Identifier: GPL-2.0-or-later
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type pg from 'pg';
import { QibenchError } from '#contract/error.js';
import type { VariantCode } from '#contract/machine-code.js';
import type { Profile, ProfileQuery, ProfileSummary } from '#contract/profile.js';
import type { Profiled } from '#domain/profile/explain.js';
import { transaction, type Store } from './store.js';

/** A profile with the profiler's own file, compressed; `fileBytes` is its size before. */
export interface NewProfile extends Profile {
  readonly file: Buffer;
}

const SUMMARY = `side, variant, workload, method, unit, size_value AS "sizeValue", events::text,
  total::float8, split, taken_at AS "takenAt",
  CASE WHEN file IS NOT NULL THEN file_bytes END AS "fileBytes"`;

type Row<T> = Omit<T, 'takenAt'> & { readonly takenAt: Date };
type Lists = Pick<Profile, 'functions' | 'omitted'>;

/**
 * Stores a profile while the job is leased under the epoch, in place of an earlier attempt's.
 *
 * @throws {LEASE_LOST} The job has another epoch.
 */
export async function storeProfile(
  store: Store,
  jobId: string,
  epoch: number,
  profile: NewProfile,
): Promise<void> {
  const { side, variant, workload, functions, omitted, file } = profile;
  const columns = [
    JSON.stringify(profile.split),
    JSON.stringify({ functions, omitted }),
    JSON.stringify(profile.tree),
    file,
  ];
  const bytes = columns.reduce((sum, column) => sum + Buffer.byteLength(column), 0);
  await transaction(store, async (client) => {
    const before = await client.query<{ bytes: number }>(
      `DELETE FROM profile
       WHERE job_id = $1 AND side = $2 AND variant = $3 AND workload = $4
       RETURNING stored_bytes AS bytes`,
      [jobId, side, variant, workload],
    );
    await addBytes(client, jobId, epoch, bytes - (before.rows[0]?.bytes ?? 0));
    await client.query(
      `INSERT INTO profile (
         job_id, side, variant, workload, method, unit, size_value, events, total, file_bytes,
         taken_at, stored_bytes, split, functions, tree, file)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
      [
        jobId,
        side,
        variant,
        workload,
        profile.method,
        profile.unit,
        profile.sizeValue,
        profile.events,
        profile.total,
        profile.fileBytes,
        profile.takenAt,
        bytes,
        ...columns,
      ],
    );
  });
}

/**
 * Stores the machine code of a variant while the job is leased under the epoch, in place of an
 * earlier attempt's.
 *
 * @throws {LEASE_LOST} The job has another epoch.
 */
export async function storeMachineCode(
  store: Store,
  jobId: string,
  epoch: number,
  code: VariantCode,
): Promise<void> {
  const text = JSON.stringify(code);
  await transaction(store, async (client) => {
    const before = await client.query<{ bytes: number }>(
      `DELETE FROM machine_code
       WHERE job_id = $1 AND side = $2 AND variant = $3
       RETURNING stored_bytes AS bytes`,
      [jobId, code.side, code.variant],
    );
    const bytes = Buffer.byteLength(text);
    await addBytes(client, jobId, epoch, bytes - (before.rows[0]?.bytes ?? 0));
    await client.query('INSERT INTO machine_code VALUES ($1, $2, $3, $4, $5)', [
      jobId,
      code.side,
      code.variant,
      text,
      bytes,
    ]);
  });
}

/** Returns the machine code of a job's variants, head first. */
export async function listMachineCode(store: Store, jobId: string): Promise<VariantCode[]> {
  const { rows } = await store.pool.query<{ code: VariantCode }>(
    'SELECT code FROM machine_code WHERE job_id = $1 ORDER BY side DESC, variant',
    [jobId],
  );
  return rows.map(({ code }) => code);
}

async function addBytes(
  client: pg.PoolClient,
  jobId: string,
  epoch: number,
  bytes: number,
): Promise<void> {
  const held = await client.query(
    'UPDATE job SET sample_bytes = sample_bytes + $3 WHERE id = $1 AND epoch = $2',
    [jobId, epoch, bytes],
  );
  if (held.rowCount === 0) throw new QibenchError('LEASE_LOST', { id: jobId, epoch });
}

/** Returns the summaries of a job's profiles, by workload, head first. */
export async function listProfiles(store: Store, jobId: string): Promise<ProfileSummary[]> {
  const { rows } = await store.pool.query<Row<ProfileSummary>>(
    `SELECT ${SUMMARY}
     FROM profile
     WHERE job_id = $1
     ORDER BY workload, side DESC, variant`,
    [jobId],
  );
  return rows.map(summaryOf);
}

/** Returns what the differences of a job's profiles of a workload need. */
export async function listProfiled(
  store: Store,
  jobId: string,
  workload: string,
): Promise<Profiled[]> {
  const { rows } = await store.pool.query<Row<ProfileSummary> & { functions: Lists }>(
    `SELECT ${SUMMARY}, functions FROM profile WHERE job_id = $1 AND workload = $2`,
    [jobId, workload],
  );
  return rows.map(({ functions, ...row }) => ({ ...summaryOf(row), ...functions }));
}

/** Returns a profile; null if the run has none. */
export async function getProfile(
  store: Store,
  jobId: string,
  { side, variant, workload }: ProfileQuery,
): Promise<Profile | null> {
  const { rows } = await store.pool.query<
    Row<ProfileSummary> & { functions: Lists; tree: Profile['tree'] }
  >(
    `SELECT ${SUMMARY}, functions, tree
     FROM profile
     WHERE job_id = $1 AND side = $2 AND variant = $3 AND workload = $4`,
    [jobId, side, variant, workload],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { functions, tree, ...summary } = row;
  return { ...summaryOf(summary), ...functions, tree };
}

/** Returns the profiler's own file; null if the run has none, or if it has expired. */
export async function profileFile(
  store: Store,
  jobId: string,
  { side, variant, workload }: ProfileQuery,
): Promise<Buffer | null> {
  const { rows } = await store.pool.query<{ file: Buffer | null }>(
    `SELECT file
     FROM profile
     WHERE job_id = $1 AND side = $2 AND variant = $3 AND workload = $4`,
    [jobId, side, variant, workload],
  );
  const file = rows[0]?.file ?? null;
  return file === null ? null : promisify(gunzip)(file);
}

/**
 * Removes the profilers' own files that are too old, like the records of traces. Functions and call
 * trees stay.
 *
 * @param days 0: only a job's own `traceDays` counts.
 * @returns Number of removed files.
 */
export async function expireProfileFiles(store: Store, days: number): Promise<number> {
  return transaction(store, async (client) => {
    const { rowCount } = await client.query(
      `WITH old AS (
         SELECT job_id, side, variant, workload, octet_length(file) AS bytes
         FROM profile
         JOIN job ON job.id = job_id
         WHERE file IS NOT NULL
           AND taken_at < now()
             - least(nullif($1::float8, 0), (request->>'traceDays')::float8) * interval '1 day'
         FOR UPDATE OF profile SKIP LOCKED
       ), lighter AS (
         UPDATE job
         SET sample_bytes = sample_bytes - sums.bytes
         FROM (SELECT job_id, sum(bytes)::bigint AS bytes FROM old GROUP BY job_id) AS sums
         WHERE job.id = sums.job_id
       )
       UPDATE profile
       SET file = NULL, stored_bytes = stored_bytes - old.bytes
       FROM old
       WHERE profile.job_id = old.job_id
         AND profile.side = old.side
         AND profile.variant = old.variant
         AND profile.workload = old.workload`,
      [days],
    );
    return rowCount ?? 0;
  });
}

function summaryOf({ takenAt, ...row }: Row<ProfileSummary>): ProfileSummary {
  return { ...row, takenAt: takenAt.toISOString() };
}
