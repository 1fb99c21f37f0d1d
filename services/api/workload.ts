// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { FolderFile } from '#client/folder.js';
import { parseYaml } from '#client/job-file.js';
import { decodeText } from '#client/text.js';
import { chunkDigest, chunksIn } from '#client/workload-upload.js';
import { QibenchError } from '#contract/error.js';
import type { Upload } from '#contract/upload.js';
import { WorkloadDefinition } from '#contract/workload.js';
import {
  chunkCount,
  DEFINITION_FILE,
  WORKLOAD_LIMITS,
  type Chunk,
  type WorkloadManifest,
} from '#contract/workload-upload.js';
import type { Access } from '#domain/access.js';
import { brokenManifest, firstChunk, methodOf } from '#domain/workload-manifest.js';
import { knownChunks, readChunk, saveChunk } from '#store/chunks.js';
import type { Store } from '#store/store.js';
import { saveChunked } from '#store/uploads.js';

const refuse = (reason: string): QibenchError => new QibenchError('BAD_WORKLOAD', { reason });

/**
 * Unpacks a chunk, which may be hostile, and names it by its bytes.
 * @throws {BAD_CHUNK} It is not gzip, empty, or larger than a chunk.
 */
export async function checkedChunk(packed: Buffer): Promise<Chunk & { bytes: Buffer }> {
  const { chunkBytes } = WORKLOAD_LIMITS;
  const bytes = await promisify(gunzip)(packed, { maxOutputLength: chunkBytes }).catch(
    (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === 'ERR_BUFFER_TOO_LARGE'
          ? `it has more than ${chunkBytes} bytes unpacked`
          : `it is not gzip (${error.message})`;
      throw new QibenchError('BAD_CHUNK', { reason }, { cause: error });
    },
  );
  if (bytes.length === 0) throw new QibenchError('BAD_CHUNK', { reason: 'it is empty' });
  return { digest: chunkDigest(bytes), sizeBytes: bytes.length, bytes };
}

/**
 * Stores a workload whose files are in the memory, for a project.
 * @throws {QUOTA_EXCEEDED} The chunks would exceed the quota of the project.
 * @throws Errors of acceptWorkload.
 */
export async function storeWorkload(
  store: Store,
  files: readonly FolderFile[],
  access: Pick<Access, 'project' | 'quota'>,
): Promise<Upload> {
  const chunks: string[] = [];
  for (const { path, content } of files) {
    const pieces = () => Readable.from([content]);
    for await (const bytes of chunksIn({ path, sizeBytes: content.length, content: pieces })) {
      const packed = await promisify(gzip)(bytes);
      const { digest, sizeBytes } = await checkedChunk(packed);
      await saveChunk(store, { digest, sizeBytes }, packed, access);
      chunks.push(digest);
    }
  }
  const listed = files.map(({ path, content }) => ({ path, sizeBytes: content.length }));
  return acceptWorkload(store, { files: listed, chunks }, access);
}

/**
 * Checks the manifest of a workload and stores it for a project.
 * @throws {BAD_WORKLOAD} A name, a size or a chunk breaks a rule.
 * @throws {BAD_JOB_FILE} Workload.yaml breaks its schema; the details name every field.
 * @throws {QUOTA_EXCEEDED} The project's uploads would exceed its quota.
 */
export async function acceptWorkload(
  store: Store,
  manifest: WorkloadManifest,
  access: Pick<Access, 'project' | 'quota'>,
): Promise<Upload> {
  const known = await knownChunks(store, manifest.chunks, access);
  const broken = brokenManifest(manifest, known);
  if (broken !== null) throw refuse(broken);
  const { files, chunks } = inOrder(manifest);
  const definition = await definitionIn(store, { files, chunks });
  return saveChunked(
    store,
    {
      digest: manifestDigest(files, chunks),
      files,
      chunks,
      workload: { method: methodOf(files), definition },
    },
    access,
  );
}

/** Sorts the files of a manifest by path, with their chunks. */
function inOrder({ files, chunks }: WorkloadManifest): WorkloadManifest {
  const parts = files.map((file, index) => {
    const from = firstChunk(files, index);
    return { file, chunks: chunks.slice(from, from + chunkCount(file.sizeBytes)) };
  });
  parts.sort((a, b) => (a.file.path < b.file.path ? -1 : 1));
  return { files: parts.map(({ file }) => file), chunks: parts.flatMap((part) => part.chunks) };
}

/** Returns the digest over paths, sizes and contents, the latter by the digests of their chunks. */
export function manifestDigest(files: Upload['files'], chunks: readonly string[]): string {
  const hash = createHash('sha256');
  for (const { path, sizeBytes } of files) hash.update(`${path}\0${sizeBytes}\0`);
  for (const chunk of chunks) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}

/** The file is smaller than a chunk. */
async function definitionIn(
  store: Store,
  { files, chunks }: WorkloadManifest,
): Promise<WorkloadDefinition> {
  const index = files.findIndex(({ path }) => path === DEFINITION_FILE);
  const digest = chunks[firstChunk(files, index)];
  if (files[index]!.sizeBytes === 0 || digest === undefined)
    throw refuse(`${DEFINITION_FILE} is empty`);
  const packed = await readChunk(store, digest);
  if (packed === null) throw refuse(`its chunk ${digest} was removed; send it again`);
  const { bytes } = await checkedChunk(packed);
  let text: string;
  try {
    text = decodeText(bytes);
  } catch (error) {
    throw new QibenchError(
      'BAD_JOB_FILE',
      { file: DEFINITION_FILE, reason: (error as Error).message },
      { cause: error },
    );
  }
  return parseYaml(text, DEFINITION_FILE, WorkloadDefinition);
}
