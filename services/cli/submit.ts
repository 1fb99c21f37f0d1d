// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { packFiles, type FolderFile } from '#client/folder.js';
import { parseYaml, withUploads, type Uploader } from '#client/job-file.js';
import { decodeText } from '#client/text.js';
import { QibenchError } from '#contract/error.js';
import { JobFile, type Job } from '#contract/job.js';
import type { JobPreview } from '#contract/preview.js';
import { isPatch, type Upload } from '#contract/upload.js';
import { isSourceField, isWorkloadField } from '#contract/workload-upload.js';
import type { Client } from './client.js';
import { readFolder } from './folder.js';
import { uploadSource, uploadWorkload } from './workload-folder.js';

/**
 * Submits a job file, after uploading its folders of instrumentations, patches, plugins and
 * workloads.
 * @throws {BAD_JOB_FILE} The file breaks a rule; the error names the field and the rule.
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
 * Plans a job file as submitFile does, without submitting it.
 * @throws {BAD_JOB_FILE} The file breaks a rule; the error names the field and the rule.
 */
export async function previewFile(client: Client, file: string): Promise<JobPreview> {
  const body = await withUploads(await readYaml(file, JobFile), uploader(client, file));
  return client.post<JobPreview>('/v1/jobs/plan', body);
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
 * @throws {BAD_JOB_FILE} It is unreadable or invalid; the details name every field and rule.
 */
export async function readYaml<T extends z.ZodType>(file: string, schema: T): Promise<z.infer<T>> {
  let text: string;
  try {
    text = decodeText(await readFile(file));
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
  const refuse = (reason: string) =>
    new QibenchError('BAD_JOB_FILE', { file, reason: `${field}: ${reason}` });
  const candidates = [...new Set([resolve(folder), resolve(dirname(file), folder)])];
  for (const candidate of candidates) {
    const found = await stat(candidate).catch(() => null);
    if (isSourceField(field) && found?.isFile())
      return (await uploadSource(client, candidate, found.size)).digest;
    if (field.endsWith('patches') && found?.isFile() && isPatch(basename(candidate)))
      return (await uploadFiles(client, [await readOne(candidate)])).digest;
    if (!found?.isDirectory()) continue;
    if (isWorkloadField(field)) return (await uploadWorkload(client, candidate, field)).digest;
    const files = await readFolder(candidate, field, refuse);
    return (await uploadFiles(client, files)).digest;
  }
  throw refuse(`no ${isSourceField(field) ? 'file' : 'folder'} ${candidates.join(' or ')}`);
}

async function uploadFiles(client: Client, files: readonly FolderFile[]): Promise<Upload> {
  return client.upload<Upload>('/v1/uploads', await packFiles(files));
}

async function readOne(file: string): Promise<FolderFile> {
  return { path: basename(file), content: await readFile(file) };
}
