// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { missingChunks } from '#contract/missing-chunks.js';
import type { Upload } from '#contract/upload.js';
import { WORKLOAD_LIMITS, type Chunk, type WorkloadManifest } from '#contract/workload-upload.js';

/** A file of a workload. Its content is read up to twice, because it may not fit in the memory. */
export interface WorkloadFile {
  readonly path: string;
  readonly sizeBytes: number;
  content(): AsyncIterable<Uint8Array>;
}

/** A service that takes workloads. */
export interface WorkloadService {
  post<T>(path: string, body: unknown): Promise<T>;
  upload<T>(path: string, body: Buffer, type: string): Promise<T>;
}

/**
 * Uploads a workload. Sends only the chunks that the project has not sent before, so an upload that
 * broke off continues, and a changed folder sends its changes.
 * @throws {Error} A file has changed while it was read.
 */
export async function sendWorkload(
  service: WorkloadService,
  files: readonly WorkloadFile[],
): Promise<Upload> {
  return service.post<Upload>('/v1/workloads', await sendChunks(service, files));
}

/**
 * Uploads a source tree of QEMU, a tar, as sendWorkload does.
 * @throws {Error} The file has changed while it was read.
 */
export async function sendSource(service: WorkloadService, file: WorkloadFile): Promise<Upload> {
  return service.post<Upload>('/v1/sources', await sendChunks(service, [file]));
}

/** Sends the missing chunks of files, and returns their list. */
async function sendChunks(
  service: WorkloadService,
  files: readonly WorkloadFile[],
): Promise<WorkloadManifest> {
  const digests = new Map<WorkloadFile, string[]>();
  for (const file of files) {
    const own: string[] = [];
    for await (const chunk of chunksIn(file)) own.push(chunkDigest(chunk));
    digests.set(file, own);
  }
  const chunks = [...digests.values()].flat();
  const missing = new Set(await missingChunks(service, chunks));
  for (const [file, own] of digests) {
    if (!own.some((digest) => missing.has(digest))) continue;
    for await (const chunk of chunksIn(file))
      if (missing.delete(chunkDigest(chunk)))
        await service.upload<Chunk>('/v1/chunks', await promisify(gzip)(chunk), 'application/gzip');
  }
  return { files: files.map(({ path, sizeBytes }) => ({ path, sizeBytes })), chunks };
}

/** Cuts a file into chunks: all but the last one are full. */
export async function* chunksIn({
  path,
  sizeBytes,
  content,
}: WorkloadFile): AsyncGenerator<Buffer> {
  const { chunkBytes } = WORKLOAD_LIMITS;
  let open: Uint8Array[] = [];
  let openBytes = 0;
  let bytes = 0;
  for await (const piece of content()) {
    bytes += piece.length;
    open.push(piece);
    openBytes += piece.length;
    while (openBytes >= chunkBytes) {
      const all = Buffer.concat(open);
      yield all.subarray(0, chunkBytes);
      open = [all.subarray(chunkBytes)];
      openBytes -= chunkBytes;
    }
  }
  if (openBytes > 0) yield Buffer.concat(open);
  if (bytes !== sizeBytes) throw new Error(`${path} has changed while it was read`);
}

/** Returns the name of a chunk: the digest of its bytes. */
export function chunkDigest(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
