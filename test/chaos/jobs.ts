// SPDX-License-Identifier: GPL-2.0-or-later
import { join } from 'node:path';
import type { Job, JobState } from '#contract/job.js';
import { readFolder } from '#worker/build/tar.js';
import { uploadFiles } from '#support/upload.js';
import type { Stack } from './stack.js';

/** A job of a round, and its required end under any fault. */
export interface ChaosJob {
  readonly id: string;
  readonly kind: JobKind;
  readonly writes: number;
}

export const JOB_KINDS = ['plain', 'measured', 'traced', 'broken', 'cancelled'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

export const EXPECTED: Readonly<
  Record<JobKind, { readonly state: JobState; readonly code: string | null }>
> = {
  plain: { state: 'succeeded', code: null },
  measured: { state: 'succeeded', code: null },
  traced: { state: 'succeeded', code: null },
  broken: { state: 'failed', code: 'COMPILE_FAILED' },
  cancelled: { state: 'cancelled', code: 'CANCELLED' },
};

const VARIANTS: Readonly<Record<JobKind, readonly unknown[]>> = {
  plain: ['none'],
  measured: ['none', 'dynamic'],
  traced: [{ mode: 'backend', backend: 'simple', trace: true }],
  broken: ['dynamic'],
  cancelled: ['none', 'dynamic'],
};

interface JobOptions {
  readonly writes?: number;
  readonly project?: string;
  /** Jobs with the same text share their builds; by default every job is compiled. */
  readonly code?: string;
}

/**
 * Submits a job like a client that is unsure whether it was heard: retries under the same key until
 * it succeeds.
 */
export async function submitJob(
  stack: Pick<Stack, 'client'>,
  rootDir: string,
  kind: JobKind,
  name: string,
  { writes = 200, project, code = name }: JobOptions = {},
): Promise<ChaosJob> {
  const files = await readFolder(join(rootDir, 'qemu/examples/count'));
  const note = {
    path: 'round.c',
    content: kind === 'broken' ? 'int broken(\n' : `/* ${code} */\n`,
  };
  const { digest } = await withRetry(() => uploadFiles(stack.client, [...files, note]));
  const request = {
    name,
    project,
    qemu: { version: '7.2', target: 'x86_64-softmmu' },
    events: ['memory_region_ops_write'],
    ...(VARIANTS[kind].includes('dynamic') ? { instrumentation: digest } : {}),
    variants: VARIANTS[kind],
    workloads: [{ name: 'port-io', parameters: { writes } }],
    blocks: 6,
  };
  const job = await withRetry(() =>
    stack.client.post<Job>('/v1/jobs', request, { 'idempotency-key': name }),
  );
  return { id: job.id, kind, writes };
}

export async function withRetry<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt > 300 || (error as { kind?: string }).kind === 'user') throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
