// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { QibenchError } from '#contract/error.js';
import { chunkCount, WORKLOAD_LIMITS } from '#contract/workload-upload.js';
import { firstChunk } from '#domain/workload-manifest.js';
import { chunksOf, readChunk } from '#store/chunks.js';
import { toUnavailable } from '#store/outage.js';
import type { Store } from '#store/store.js';
import { findUpload } from '#store/uploads.js';
import type { WorkloadFiles } from '../build/workload-files.js';

/**
 * Opens a workload or a source tree, whose chunks are read one at a time.
 * @throws {UNKNOWN_UPLOAD} The upload is not stored.
 */
export async function openUpload(store: Store, digest: string): Promise<WorkloadFiles> {
  const unknown = () => new QibenchError('UNKNOWN_UPLOAD', { field: 'upload', digest });
  const upload = await findUpload(store, digest);
  if (upload === null) throw unknown();
  const { files } = upload;
  const chunks = await chunksOf(store, digest);
  return {
    files,
    async *content(index) {
      const from = firstChunk(files, index);
      for (const chunk of chunks.slice(from, from + chunkCount(files[index]!.sizeBytes))) {
        const packed = await readChunk(store, chunk).catch((error: unknown) => {
          throw toUnavailable(error);
        });
        if (packed === null) throw unknown();
        yield await unpacked(chunk, packed);
      }
    },
  };
}

/** Postgres may have lost bytes since the chunk was checked. */
async function unpacked(digest: string, packed: Buffer): Promise<Buffer> {
  const bytes = await promisify(gunzip)(packed, { maxOutputLength: WORKLOAD_LIMITS.chunkBytes });
  if (`sha256:${createHash('sha256').update(bytes).digest('hex')}` !== digest)
    throw new QibenchError('INTERNAL', { reason: `the stored chunk ${digest} has other bytes` });
  return bytes;
}
