// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobRequest } from '#contract/job.js';
import { acceptJob } from '#store/jobs.js';
import type { Store } from '#store/store.js';
import { jobPlan } from './job-plan.js';

const request = {
  name: 'test',
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  events: ['exec_tb'],
  variants: ['none'],
  workloads: [{ name: 'port-io', parameters: {} }],
  blocks: 6,
} as unknown as JobRequest;
const plan = jobPlan({ events: ['exec_tb'], variants: [], workloads: [] });

/** Accepts a job of one variant and one workload, for a worker to claim. */
export async function acceptTestJob(
  store: Store,
  details: Partial<Parameters<typeof acceptJob>[1]> = {},
) {
  return (await acceptJob(store, { request, plan, requestDigest: 'digest', ...details })).job;
}
