// SPDX-License-Identifier: GPL-2.0-or-later
import type { Job, JobRequest } from '#contract/job.js';
import { send } from './client.js';

/**
 * Returns a new idempotency key: the service creates one job per key, even if the request arrives
 * twice.
 */
export function newKey(): string {
  // Browsers lack crypto.randomUUID on pages from another machine over plain HTTP.
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

/**
 * Submits a job.
 * @throws {ApiError} The service refuses the request or does not answer.
 */
export async function submitJob(request: Partial<JobRequest>, key: string): Promise<Job> {
  return send<Job>('POST', '/v1/jobs', request, { 'idempotency-key': key });
}
