// SPDX-License-Identifier: GPL-2.0-or-later
import { lstat, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { z } from 'zod';
import { withUploads } from '#client/job-file.js';
import { packFiles } from '#client/folder.js';
import {
  chunkDigest,
  chunksIn,
  type WorkloadFile,
  type WorkloadService,
} from '#client/workload-upload.js';
import { QibenchError } from '#contract/error.js';
import { missingChunks } from '#contract/missing-chunks.js';
import { UPLOAD_LIMITS, type Upload } from '#contract/upload.js';
import { WORKLOAD_LIMITS, WorkloadManifest, type Chunk } from '#contract/workload-upload.js';
import { uploaderOf, type Source } from './source.js';

const INDEX = 'pack.json';
const INDEX_LIMIT_BYTES = 512 * 1024;
/** Limit of a workload's manifest, as the service's. */
const MANIFEST_LIMIT_BYTES = 1024 * 1024;

/**
 * A pull request's files, as data. A workflow without secrets writes it; a workflow with secrets
 * reads it. It has no job file, because a job file of a fork never counts.
 */
const Pack = z.strictObject({
  schema: z.literal('qibench.pack/2'),
  headSha: z.string().regex(/^[0-9a-f]{40,64}$/),
  uploads: z
    .record(z.string().regex(/^[a-z0-9.]{1,64}$/), z.string().regex(/^[0-9a-f]{64}\.(?:tar|json)$/))
    .describe(
      'file of the tar, by the field that names the folder; a workload has the file of its ' +
        'manifest, and its chunks are beside it',
    ),
});
export type Pack = z.infer<typeof Pack>;

/** Writes a pack: a tar, or the chunks of a workload, for each folder that the job file names. */
export async function writePack(folder: string, source: Source, file: string): Promise<Pack> {
  await mkdir(folder, { recursive: true });
  const uploads: Record<string, string> = {};
  await withUploads({ ...source.jobFile, baseline: undefined }, async (field, name) => {
    if (name.startsWith('sha256:')) return name;
    const put = async (content: Buffer, end: 'tar' | 'json') => {
      uploads[field] = `${hexOf(content)}.${end}`;
      await writeFile(join(folder, uploads[field]), content);
      return '';
    };
    return uploaderOf(source, null, file, {
      folder: async (files) => put(await packFiles(files), 'tar'),
      workload: async (files) =>
        put(
          await packChunks(files, (name, packed) => writeFile(join(folder, name), packed)),
          'json',
        ),
    })(field, name);
  });
  const pack: Pack = {
    schema: 'qibench.pack/2',
    headSha: source.commit,
    uploads,
  };
  await writeFile(join(folder, INDEX), `${JSON.stringify(pack, null, 2)}\n`);
  return pack;
}

/**
 * Reads a pack, which is untrusted input.
 * @throws {BAD_PACK} The pack is malformed or belongs to another commit.
 */
export async function readPack(folder: string, headSha: string): Promise<Pack> {
  const text = await regularFile(folder, INDEX, INDEX_LIMIT_BYTES);
  const parsed = Pack.safeParse(json(INDEX, text));
  if (!parsed.success) throw refuse(INDEX, z.prettifyError(parsed.error).split('\n')[0]!);
  if (parsed.data.headSha !== headSha)
    throw refuse(
      INDEX,
      `it is of commit ${parsed.data.headSha}, and the workflow that ended ran for ${headSha}`,
    );
  return parsed.data;
}

/**
 * Returns the tar for a field of the job file.
 * @throws {BAD_PACK} The tar is missing, too large, or does not match its digest.
 */
export async function packedTar(folder: string, pack: Pack, field: string): Promise<Buffer> {
  return namedFile(folder, pack, field, { end: '.tar', limitBytes: UPLOAD_LIMITS.packedBytes });
}

/**
 * Sends the workload for a field of the job file to a service.
 * @returns Its digest.
 * @throws {BAD_PACK} The manifest or a chunk is missing, malformed, too large, or does not match its
 *   digest.
 */
export async function sendPackedWorkload(
  service: WorkloadService,
  folder: string,
  pack: Pack,
  field: string,
): Promise<string> {
  const file = { end: '.json', limitBytes: MANIFEST_LIMIT_BYTES };
  const text = await namedFile(folder, pack, field, file);
  const parsed = WorkloadManifest.safeParse(json(pack.uploads[field]!, text));
  if (!parsed.success)
    throw refuse(pack.uploads[field]!, z.prettifyError(parsed.error).split('\n')[0]!);
  const { chunks } = parsed.data;
  for (const wanted of await missingChunks(service, chunks)) {
    const name = chunkFile(wanted);
    const packed = await regularFile(folder, name, WORKLOAD_LIMITS.packedChunkBytes);
    const { digest } = await service.upload<Chunk>('/v1/chunks', packed, 'application/gzip');
    if (digest !== wanted) throw refuse(name, 'its digest does not match its name');
  }
  return (await service.post<Upload>('/v1/workloads', parsed.data)).digest;
}

/** Writes the chunks of a workload. Returns its manifest as JSON. */
async function packChunks(
  files: readonly WorkloadFile[],
  write: (name: string, packed: Buffer) => Promise<void>,
): Promise<Buffer> {
  const chunks: string[] = [];
  for (const file of files)
    for await (const chunk of chunksIn(file)) {
      const digest = chunkDigest(chunk);
      chunks.push(digest);
      await write(chunkFile(digest), await promisify(gzip)(chunk));
    }
  const manifest: WorkloadManifest = {
    files: files.map(({ path, sizeBytes }) => ({ path, sizeBytes })),
    chunks,
  };
  return Buffer.from(JSON.stringify(manifest));
}

const chunkFile = (digest: string): string => `${digest.slice('sha256:'.length)}.gz`;

const hexOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/** Returns the file that the index names for a field. */
async function namedFile(
  folder: string,
  { uploads }: Pack,
  field: string,
  { end, limitBytes }: { end: string; limitBytes: number },
): Promise<Buffer> {
  const name = uploads[field];
  if (name === undefined || !name.endsWith(end))
    throw refuse(INDEX, `it lacks the folder that the job file names in ${field}`);
  const content = await regularFile(folder, name, limitBytes);
  if (`${hexOf(content)}${end}` !== name) throw refuse(name, 'its digest does not match its name');
  return content;
}

function json(file: string, text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch (error) {
    throw refuse(file, `it is not JSON (${String(error)})`);
  }
}

async function regularFile(folder: string, name: string, limitBytes: number): Promise<Buffer> {
  const found = await lstat(join(folder, name)).catch(() => null);
  if (found === null || !found.isFile())
    throw refuse(name, 'the pack has no regular file of that name');
  if (found.size > limitBytes)
    throw refuse(name, `it has ${found.size} bytes; at most ${limitBytes} are read`);
  return readFile(join(folder, name));
}

function refuse(file: string, reason: string): QibenchError {
  return new QibenchError('BAD_PACK', { file, reason });
}
