import type { Job, JobRequest } from '../../contract/job.js';
import { send } from './client.js';

/** A key under which a request makes one job, however often it is sent. */
export function newKey(): string {
  // crypto.randomUUID is not there on pages that came over plain HTTP from another machine.
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

/** Submit a job. Throws ApiError. */
export async function submitJob(request: Partial<JobRequest>, key: string): Promise<Job> {
  return send<Job>('POST', '/v1/jobs', request, { 'idempotency-key': key });
}
