// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import type { Job } from '#contract/job.js';
import { kindOfUpload, type Upload } from '#contract/upload.js';
import type { WorkloadUpload } from '#contract/workload-upload.js';
import { quotaExceeded, type Access } from '#domain/access.js';
import { uploadsOfJob } from '#domain/uploads.js';
import { transaction, type Store } from './store.js';

/** Estimated size of a row that names a chunk of a workload, with its indexes. */
const CHUNK_ROW_BYTES = 256;

/**
 * Stores an upload for a project. Idempotent: identical content has the same digest.
 *
 * @throws {QUOTA_EXCEEDED} The project's uploads would exceed its quota.
 */
export async function saveUpload(
  store: Store,
  upload: { digest: string; files: Upload['files']; tar: Buffer },
  access: Owner,
): Promise<Upload> {
  await transaction(store, async (client) => {
    await client.query(
      `INSERT INTO upload (digest, files, tar) VALUES ($1, $2, $3)
       ON CONFLICT (digest) DO UPDATE SET used_at = now()`,
      [upload.digest, JSON.stringify(upload.files), upload.tar],
    );
    await own(client, upload.digest, upload.tar.length, access);
  });
  return (await findUpload(store, upload.digest))!;
}

/**
 * Stores an upload for a project, whose chunks are stored already. Idempotent, as `saveUpload`.
 *
 * @throws {QUOTA_EXCEEDED} The project's uploads would exceed its quota.
 */
export async function saveChunked(
  store: Store,
  upload: {
    digest: string;
    files: Upload['files'];
    chunks: readonly string[];
    /** Null: a source tree. */
    workload: WorkloadUpload | null;
  },
  access: Owner,
): Promise<Upload> {
  const files = JSON.stringify(upload.files);
  await transaction(store, async (client) => {
    await client.query(
      `INSERT INTO upload (digest, files, workload) VALUES ($1, $2, $3)
       ON CONFLICT (digest) DO UPDATE SET used_at = now()`,
      [upload.digest, files, upload.workload === null ? null : JSON.stringify(upload.workload)],
    );
    await client.query(
      `INSERT INTO upload_chunk (upload, position, chunk)
       SELECT $1, position - 1, digest
       FROM unnest($2::text[]) WITH ORDINALITY AS named (digest, position)
       ON CONFLICT DO NOTHING`,
      [upload.digest, upload.chunks],
    );
    const listed = files.length + CHUNK_ROW_BYTES * upload.chunks.length;
    await own(client, upload.digest, listed, access);
  });
  return (await findUpload(store, upload.digest))!;
}

type Owner = Pick<Access, 'project' | 'quota'>;

/** Records that a project has sent an upload. */
async function own(
  client: pg.PoolClient,
  digest: string,
  bytes: number,
  { project, quota }: Owner,
): Promise<void> {
  if (project === null) return;
  // Without the lock, concurrent uploads would not count each other's bytes.
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 7272))', [project]);
  const mine = await client.query(
    'INSERT INTO upload_project (project, digest, size_bytes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [project, digest, bytes],
  );
  if (mine.rowCount === 0 || quota === null) return;
  const { rows } = await client.query<{ bytes: string }>(
    'SELECT sum(size_bytes)::text AS bytes FROM upload_project WHERE project = $1',
    [project],
  );
  if (Number(rows[0]!.bytes) > quota.uploadBytes)
    throw quotaExceeded(project, 'bytes of uploads', quota.uploadBytes, Number(rows[0]!.bytes));
}

/**
 * Marks the uploads of a new job as used, so that retention keeps them. A job may take some from its
 * baseline.
 */
export async function touchUploads(
  client: pg.PoolClient,
  job: Pick<Job, 'plan' | 'request'>,
): Promise<void> {
  await client.query('UPDATE upload SET used_at = now(), in_job = true WHERE digest = ANY($1)', [
    uploadsOfJob(job).map(({ digest }) => digest),
  ]);
}

export async function findUpload(store: Store, digest: string): Promise<Upload | null> {
  const row = await store.prisma.upload.findUnique({ where: { digest }, omit: { tar: true } });
  return row === null ? null : toUpload(row);
}

/** Returns the tar of an upload; null if the upload is unknown or came in chunks. */
export async function readUploadTar(store: Store, digest: string): Promise<Buffer | null> {
  const row = await store.prisma.upload.findUnique({ where: { digest }, select: { tar: true } });
  return row?.tar == null ? null : Buffer.from(row.tar);
}

function toUpload(row: { digest: string; files: unknown; workload: unknown }): Upload {
  const files = row.files as Upload['files'];
  const workload = row.workload as WorkloadUpload | null;
  return workload === null
    ? { digest: row.digest, kind: kindOfUpload(files), files }
    : { digest: row.digest, kind: 'workload', files, workload };
}
