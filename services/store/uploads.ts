// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import type { Job } from '#contract/job.js';
import { kindOfUpload, type Upload } from '#contract/upload.js';
import { quotaExceeded, type Access } from '#domain/access.js';
import { uploadsOfJob } from '#domain/uploads.js';
import { transaction, type Store } from './store.js';

/**
 * Stores an upload for a project. Idempotent: identical content has the same digest.
 *
 * @throws {QUOTA_EXCEEDED} The project's uploads would exceed its quota.
 */
export async function saveUpload(
  store: Store,
  upload: { digest: string; files: Upload['files']; tar: Buffer },
  { project, quota }: Pick<Access, 'project' | 'quota'>,
): Promise<Upload> {
  await transaction(store, async (client) => {
    await client.query(
      `INSERT INTO upload (digest, files, tar) VALUES ($1, $2, $3)
       ON CONFLICT (digest) DO UPDATE SET used_at = now()`,
      [upload.digest, JSON.stringify(upload.files), upload.tar],
    );
    if (project === null) return;
    // Without the lock, concurrent uploads would not count each other's bytes.
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 7272))', [project]);
    const mine = await client.query(
      'INSERT INTO upload_project (project, digest, size_bytes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [project, upload.digest, upload.tar.length],
    );
    if (mine.rowCount === 0 || quota === null) return;
    const { rows } = await client.query<{ bytes: string }>(
      'SELECT sum(size_bytes)::text AS bytes FROM upload_project WHERE project = $1',
      [project],
    );
    if (Number(rows[0]!.bytes) > quota.uploadBytes)
      throw quotaExceeded(project, 'bytes of uploads', quota.uploadBytes, Number(rows[0]!.bytes));
  });
  return (await findUpload(store, upload.digest))!;
}

/**
 * Marks the uploads of a new job as used, so that retention keeps them. A job may take some from its
 * baseline.
 */
export async function touchUploads(
  client: pg.PoolClient,
  job: Pick<Job, 'plan' | 'request'>,
): Promise<void> {
  await client.query('UPDATE upload SET used_at = now() WHERE digest = ANY($1)', [
    uploadsOfJob(job).map(({ digest }) => digest),
  ]);
}

export async function findUpload(store: Store, digest: string): Promise<Upload | null> {
  const row = await store.prisma.upload.findUnique({ where: { digest }, omit: { tar: true } });
  return row === null ? null : toUpload(row);
}

export async function readUploadTar(store: Store, digest: string): Promise<Buffer | null> {
  const row = await store.prisma.upload.findUnique({ where: { digest }, select: { tar: true } });
  return row === null ? null : Buffer.from(row.tar);
}

function toUpload(row: { digest: string; files: unknown }): Upload {
  const files = row.files as Upload['files'];
  return { digest: row.digest, kind: kindOfUpload(files), files };
}
