// SPDX-License-Identifier: GPL-2.0-or-later
import { WORKLOAD_LIMITS } from '#contract/constants.js';
import { missingChunks } from '#contract/missing-chunks.js';
import type { Upload } from '#contract/upload.js';
import type { Chunk } from '#contract/workload-upload.js';
import { send, sendGzip } from '../../http/client.js';
import { uploadedFiles, type LocalFile } from './pack.js';

const SERVICE = { post: <T>(path: string, body: unknown) => send<T>('POST', path, body) };

/**
 * Uploads a workload in chunks, of which one at a time is in the memory. Leaves out hidden files and
 * a folder around all files. Skips the chunks that the project has sent before, on pages whose
 * browser can compute digests.
 * @param onProgress Receives the finished share, from 0 to 1.
 * @throws {ApiError} The files are too large, or the service refuses them or does not answer.
 */
export async function uploadWorkload(
  files: readonly LocalFile[],
  onProgress: (share: number) => void,
): Promise<Upload> {
  const uploaded = uploadedFiles(files, WORKLOAD_LIMITS.unpackedBytes);
  const pieces = uploaded.flatMap(({ content }) => piecesOf(content));
  const digests = await digestsOf(pieces);
  const missing = digests === null ? null : new Set(await missingChunks(SERVICE, digests));
  const chunks: string[] = [];
  for (const [index, piece] of pieces.entries()) {
    const digest = digests?.[index];
    if (digest !== undefined && missing?.delete(digest) !== true) chunks.push(digest);
    else chunks.push((await sendGzip<Chunk>('/v1/chunks', await packed(piece))).digest);
    onProgress((index + 1) / pieces.length);
  }
  const listed = uploaded.map(({ path, content }) => ({ path, sizeBytes: content.size }));
  return send<Upload>('POST', '/v1/workloads', { files: listed, chunks });
}

function piecesOf(content: Blob): Blob[] {
  const { chunkBytes } = WORKLOAD_LIMITS;
  return Array.from({ length: Math.ceil(content.size / chunkBytes) }, (_, index) =>
    content.slice(index * chunkBytes, (index + 1) * chunkBytes),
  );
}

/** Returns null where browsers lack digests: on pages from another machine over plain HTTP. */
async function digestsOf(pieces: readonly Blob[]): Promise<string[] | null> {
  const subtle = (crypto as { readonly subtle?: SubtleCrypto }).subtle;
  if (subtle === undefined) return null;
  const digests: string[] = [];
  for (const piece of pieces) {
    const hash = new Uint8Array(await subtle.digest('SHA-256', await piece.arrayBuffer()));
    digests.push(`sha256:${[...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`);
  }
  return digests;
}

async function packed(piece: Blob): Promise<Blob> {
  return new Response(piece.stream().pipeThrough(new CompressionStream('gzip'))).blob();
}
