// SPDX-License-Identifier: GPL-2.0-or-later
import { Readable } from 'node:stream';
import tar from 'tar-stream';
import { QibenchError } from '#contract/error.js';
import type { Job } from '#contract/job.js';
import { uploadsOfJob } from '#domain/uploads.js';
import type { Store } from '#store/store.js';
import { readUploadTar } from '#store/uploads.js';
import type { TarFile, UploadedFolder } from '../build/tar.js';

/**
 * Loads every small upload that QEMU is built from, keyed by digest. Workloads and source trees are
 * streamed instead.
 * @throws {UNKNOWN_UPLOAD} An upload is not stored.
 */
export async function loadUploads(
  store: Store,
  job: Pick<Job, 'plan' | 'request'>,
): Promise<Map<string, UploadedFolder>> {
  const uploads = new Map<string, UploadedFolder>();
  for (const { field, digest, kind } of uploadsOfJob(job)) {
    if (kind === 'workload' || kind === 'source') continue;
    const archive = await readUploadTar(store, digest);
    if (archive === null) throw new QibenchError('UNKNOWN_UPLOAD', { field, digest });
    uploads.set(digest, { digest, files: await filesOfTar(archive) });
  }
  return uploads;
}

async function filesOfTar(archive: Buffer): Promise<TarFile[]> {
  const extract = tar.extract();
  Readable.from([archive]).pipe(extract);
  const files: TarFile[] = [];
  for await (const entry of extract) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
    if (entry.header.type === 'file')
      files.push({ path: entry.header.name, content: Buffer.concat(chunks) });
  }
  return files;
}
