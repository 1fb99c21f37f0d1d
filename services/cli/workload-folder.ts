// SPDX-License-Identifier: GPL-2.0-or-later
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseYaml } from '#client/job-file.js';
import { TransientError, withRetry } from '#client/retry.js';
import { decodeText } from '#client/text.js';
import { sendSource, sendWorkload, type WorkloadService } from '#client/workload-upload.js';
import { QibenchError } from '#contract/error.js';
import type { Upload } from '#contract/upload.js';
import { WorkloadDefinition } from '#contract/workload.js';
import { DEFINITION_FILE } from '#contract/workload-upload.js';
import { ServiceError, type Client } from './client.js';
import { listFolder } from './folder.js';

/** A large workload has more chunks than a token may send within a minute. */
const ATTEMPTS = 8;

/**
 * Reads the definition of a workload's folder.
 * @throws {BAD_JOB_FILE} Workload.yaml is missing or breaks its schema.
 */
export async function readDefinition(folder: string): Promise<WorkloadDefinition> {
  const file = join(folder, DEFINITION_FILE);
  try {
    return parseYaml(decodeText(await readFile(file)), file, WorkloadDefinition);
  } catch (error) {
    if (error instanceof QibenchError) throw error;
    throw new QibenchError(
      'BAD_JOB_FILE',
      { file, reason: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  }
}

/**
 * Uploads the folder of a workload, whose files may be larger than the memory.
 * @param field Field that names the folder, for errors.
 * @throws {BAD_JOB_FILE} Workload.yaml breaks its schema, or the folder cannot be uploaded.
 */
export async function uploadWorkload(
  client: Client,
  folder: string,
  field: string,
): Promise<Upload> {
  await readDefinition(folder);
  const files = await listFolder(
    folder,
    field,
    (reason) => new QibenchError('BAD_JOB_FILE', { file: folder, reason: `${field}: ${reason}` }),
  );
  return sendWorkload(
    patient(client),
    files.map(({ path, sizeBytes, file }) => ({
      path,
      sizeBytes,
      content: () => createReadStream(file),
    })),
  );
}

/** Uploads a source tree, a tar that may be larger than the memory. */
export function uploadSource(client: Client, file: string, sizeBytes: number): Promise<Upload> {
  const content = () => createReadStream(file);
  return sendSource(patient(client), { path: basename(file), sizeBytes, content });
}

/** Returns a service that repeats a chunk after an error that passes. */
export function patient(client: Client): WorkloadService {
  const policy = { attempts: ATTEMPTS, pause, random: Math.random };
  return {
    post: (path, body) => client.post(path, body),
    async upload<T>(path: string, body: Buffer, type: string) {
      let last: unknown;
      return withRetry(
        () =>
          client.upload<T>(path, body, type).catch((error: unknown) => {
            last = error;
            if (!(error instanceof ServiceError)) throw error;
            if (error.code !== 'RATE_LIMITED' && error.kind !== 'infra') throw error;
            throw new TransientError(error.message, null);
          }),
        policy,
      ).catch((error: unknown) => {
        throw error instanceof TransientError ? last : error;
      });
    },
  };
}
