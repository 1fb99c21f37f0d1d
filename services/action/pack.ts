// SPDX-License-Identifier: GPL-2.0-or-later
import { lstat, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { withUploads } from '#client/job-file.js';
import { packFiles } from '#client/folder.js';
import { QibenchError } from '#contract/error.js';
import { UPLOAD_LIMITS } from '#contract/upload.js';
import { uploaderOf, type Source } from './source.js';

const INDEX = 'pack.json';
const INDEX_LIMIT_BYTES = 512 * 1024;

/**
 * A pull request's files, as data. A workflow without secrets writes it; a workflow with secrets
 * reads it. It has no job file, because a job file of a fork never counts.
 */
const Pack = z.strictObject({
  schema: z.literal('qibench.pack/2'),
  headSha: z.string().regex(/^[0-9a-f]{40,64}$/),
  uploads: z
    .record(z.string().regex(/^[a-z0-9.]{1,64}$/), z.string().regex(/^[0-9a-f]{64}\.tar$/))
    .describe('file of the tar, by the field that names the folder'),
});
export type Pack = z.infer<typeof Pack>;

/** Writes a pack: a tar for each folder that the job file names. */
export async function writePack(folder: string, source: Source, file: string): Promise<Pack> {
  await mkdir(folder, { recursive: true });
  const uploads: Record<string, string> = {};
  await withUploads({ ...source.jobFile, baseline: undefined }, async (field, name) => {
    if (name.startsWith('sha256:')) return name;
    return uploaderOf(source, null, file, async (files) => {
      const tar = await packFiles(files);
      uploads[field] = `${createHash('sha256').update(tar).digest('hex')}.tar`;
      await writeFile(join(folder, uploads[field]), tar);
      return '';
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
  let value: unknown;
  try {
    value = JSON.parse(text.toString('utf8'));
  } catch (error) {
    throw refuse(INDEX, `it is not JSON (${String(error)})`);
  }
  const parsed = Pack.safeParse(value);
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
export async function packedTar(folder: string, { uploads }: Pack, field: string): Promise<Buffer> {
  const name = uploads[field];
  if (name === undefined)
    throw refuse(INDEX, `it lacks the folder that the job file names in ${field}`);
  const tar = await regularFile(folder, name, UPLOAD_LIMITS.packedBytes);
  if (`${createHash('sha256').update(tar).digest('hex')}.tar` !== name)
    throw refuse(name, 'its digest does not match its name');
  return tar;
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
