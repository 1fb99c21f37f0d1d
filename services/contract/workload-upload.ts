// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { UPLOAD_LIMITS, WORKLOAD_LIMITS } from './constants.js';
import { Digest } from './digest.js';
import { WorkloadDefinition } from './workload.js';

export { WORKLOAD_LIMITS } from './constants.js';

/** Name of the file that describes a workload, at the top level of its folder. */
export const DEFINITION_FILE = 'workload.yaml';

/**
 * How a worker makes /workload from an uploaded folder. `files`: the files as they are. `make`: the
 * files, after the folder's Makefile ran without network. `image`: /workload of the image that the
 * folder's Dockerfile builds, for projects that an operator allows.
 */
export const WorkloadMethod = z.enum(['files', 'make', 'image']);
export type WorkloadMethod = z.infer<typeof WorkloadMethod>;

/** The part of an uploaded workload that a plan needs. */
export const WorkloadUpload = z.object({
  method: WorkloadMethod,
  definition: WorkloadDefinition,
});
export type WorkloadUpload = z.infer<typeof WorkloadUpload>;

/** Answer to `POST /v1/chunks`: a stored piece of a file. */
export const Chunk = z.object({
  digest: Digest.describe('of the unpacked bytes'),
  sizeBytes: z.number().int(),
});
export type Chunk = z.infer<typeof Chunk>;

const digestList = z.array(Digest).max(WORKLOAD_LIMITS.digestsAtOnce);

/** Body of `POST /v1/chunks/missing`. */
export const ChunkQuestion = z.strictObject({ digests: digestList });
export const MissingChunks = z.object({
  missing: digestList.describe('chunks that the caller still has to send, in the order asked'),
});
export type MissingChunks = z.infer<typeof MissingChunks>;

/** Most chunks of a workload: a full one per chunkBytes, and a rest per file. */
const MOST_CHUNKS =
  WORKLOAD_LIMITS.unpackedBytes / WORKLOAD_LIMITS.chunkBytes + WORKLOAD_LIMITS.files;

/**
 * Body of `POST /v1/workloads` and `POST /v1/sources`: files whose chunks the caller has sent.
 * `chunks` has the first file's chunks in order, then the next file's; an empty file has none.
 */
export const WorkloadManifest = z.strictObject({
  files: z
    .array(z.strictObject({ path: z.string().max(1024), sizeBytes: z.number().int().min(0) }))
    .max(WORKLOAD_LIMITS.files),
  chunks: z.array(Digest).max(MOST_CHUNKS),
});
export type WorkloadManifest = z.infer<typeof WorkloadManifest>;

/** Returns the number of chunks of a file. */
export function chunkCount(sizeBytes: number): number {
  return Math.ceil(sizeBytes / WORKLOAD_LIMITS.chunkBytes);
}

/** Returns whether a field of a job file names a workload: `workloads.0.from`. */
export function isWorkloadField(field: string): boolean {
  return /^workloads\.\d+\.from$/.test(field);
}

/** Returns whether a field of a job file names a source tree: `qemu.source.upload`. */
export function isSourceField(field: string): boolean {
  return field.endsWith('source.upload');
}

/** Returns the limits of a folder that a field of a job file names. */
export function uploadLimits(field: string): {
  readonly unpackedBytes: number;
  readonly files: number;
} {
  return isWorkloadField(field) ? WORKLOAD_LIMITS : UPLOAD_LIMITS;
}
