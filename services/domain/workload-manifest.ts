// SPDX-License-Identifier: GPL-2.0-or-later
import {
  chunkCount,
  DEFINITION_FILE,
  WORKLOAD_LIMITS,
  type WorkloadManifest,
  type WorkloadMethod,
} from '#contract/workload-upload.js';
import { shownPath, UploadPaths } from './upload-paths.js';

/** A stored chunk that a manifest may name. */
export interface ChunkSize {
  readonly sizeBytes: number;
  readonly packedBytes: number;
}

/**
 * Returns the rule that a manifest breaks; null if none.
 * @param chunks Sizes of the chunks that the sender has, by digest.
 */
export function brokenManifest(
  { files, chunks: digests }: WorkloadManifest,
  chunks: ReadonlyMap<string, ChunkSize>,
): string | null {
  const paths = new UploadPaths(WORKLOAD_LIMITS);
  for (const { path } of files) {
    const broken = paths.add(path);
    if (broken !== null) return broken;
  }
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (bytes > WORKLOAD_LIMITS.unpackedBytes)
    return `${bytes} bytes unpacked; at most ${WORKLOAD_LIMITS.unpackedBytes} are accepted`;
  return paths.broken() ?? brokenNames(files) ?? brokenChunks(files, digests, chunks);
}

function brokenNames(files: WorkloadManifest['files']): string | null {
  const has = (name: string) => files.some(({ path }) => path === name);
  const definition = files.find(({ path }) => path === DEFINITION_FILE);
  if (definition === undefined) return `it has no ${DEFINITION_FILE} at its top level`;
  if (definition.sizeBytes > WORKLOAD_LIMITS.definitionBytes)
    return `${DEFINITION_FILE} has more than ${WORKLOAD_LIMITS.definitionBytes} bytes`;
  return has('Makefile') && has('Dockerfile')
    ? 'it has a Makefile and a Dockerfile; only one of them can make its files'
    : null;
}

/**
 * Returns the rule that the chunks of a manifest break; null if none.
 * @param chunks Sizes of the chunks that the sender has, by digest.
 */
export function brokenChunks(
  files: WorkloadManifest['files'],
  digests: readonly string[],
  chunks: ReadonlyMap<string, ChunkSize>,
): string | null {
  const unknown = digests.find((digest) => !chunks.has(digest));
  if (unknown !== undefined) return `its chunk ${unknown} was not sent`;
  let from = 0;
  for (const { path, sizeBytes } of files) {
    const own = digests.slice(from, from + chunkCount(sizeBytes));
    from += own.length;
    const odd = own.findIndex(
      (digest, index) => chunks.get(digest)!.sizeBytes !== expectedBytes(sizeBytes, index),
    );
    if (own.length !== chunkCount(sizeBytes) || odd !== -1)
      return `the chunks of ${shownPath(path)} do not add up to ${sizeBytes} bytes`;
  }
  if (from !== digests.length) return 'it has more chunks than its files';
  const packed = [...new Set(digests)].reduce(
    (sum, digest) => sum + chunks.get(digest)!.packedBytes,
    0,
  );
  return packed > WORKLOAD_LIMITS.packedBytes
    ? `${packed} bytes compressed; at most ${WORKLOAD_LIMITS.packedBytes} are accepted`
    : null;
}

function expectedBytes(fileBytes: number, index: number): number {
  const { chunkBytes } = WORKLOAD_LIMITS;
  return Math.min(chunkBytes, fileBytes - index * chunkBytes);
}

/** Returns the position of a file's first chunk in a manifest. */
export function firstChunk(files: WorkloadManifest['files'], index: number): number {
  return files
    .slice(0, index)
    .reduce((position, { sizeBytes }) => position + chunkCount(sizeBytes), 0);
}

/** Returns how a worker makes /workload from these files. */
export function methodOf(files: WorkloadManifest['files']): WorkloadMethod {
  const has = (name: string) => files.some(({ path }) => path === name);
  if (has('Dockerfile')) return 'image';
  return has('Makefile') ? 'make' : 'files';
}
