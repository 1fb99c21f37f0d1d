// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { z } from 'zod';
import { packFiles, isUploadable } from '#client/folder.js';
import { parseYaml, withUploads, type Uploader } from '#client/job-file.js';
import { QibenchError } from '#contract/error.js';
import { JobFile, type Job } from '#contract/job.js';
import type { Upload } from '#contract/upload.js';
import type { Client } from './client.js';

/**
 * Submits a job file, after uploading its folders of instrumentations, patches and plugins.
 * @throws {BAD_JOB_FILE} when the file breaks a rule; the error names the field and the rule.
 */
export async function submitFile(
  client: Client,
  file: string,
  idempotencyKey?: string,
): Promise<Job> {
  const body = await withUploads(await readYaml(file, JobFile), uploader(client, file));
  return client.post<Job>(
    '/v1/jobs',
    body,
    idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
  );
}

/**
 * Returns the function that uploads the folders that a file names. Their paths are relative to the
 * working directory or to the file.
 */
export function uploader(client: Client, file: string): Uploader {
  return async (field, name) =>
    name.startsWith('sha256:') ? name : uploadFolder(client, { file, field, folder: name });
}

/**
 * Reads a YAML file and validates it by a schema.
 * @throws {BAD_JOB_FILE} when it is unreadable or invalid; the details name every field and rule.
 */
export async function readYaml<T extends z.ZodType>(file: string, schema: T): Promise<z.infer<T>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new QibenchError(
      'BAD_JOB_FILE',
      { file, reason: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  }
  return parseYaml(text, file, schema);
}

async function uploadFolder(
  client: Client,
  { file, field, folder }: { file: string; field: string; folder: string },
): Promise<string> {
  const candidates = [resolve(folder), resolve(dirname(file), folder)];
  for (const candidate of candidates) {
    const found = await stat(candidate).catch(() => null);
    if (found?.isDirectory())
      return (await client.upload<Upload>('/v1/uploads', await packFolder(candidate, field)))
        .digest;
  }
  throw new QibenchError('BAD_JOB_FILE', {
    file,
    reason: `${field}: no folder ${candidates.join(' or ')}`,
  });
}

async function packFolder(folder: string, field: string): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return packFiles(
    await Promise.all(
      paths
        .filter((path) => isUploadable(field, path))
        .map(async (path) => ({ path, content: await readFile(join(folder, path)) })),
    ),
  );
}
