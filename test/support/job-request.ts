// SPDX-License-Identifier: GPL-2.0-or-later
import { JobRequest } from '#contract/job.js';

/** A request like one that the API accepted, so that lists can show test jobs beside real ones. */
export function jobRequest(details: Partial<JobRequest> = {}): JobRequest {
  return {
    ...JobRequest.parse({
      name: 'test',
      qemu: { version: '7.2', target: 'x86_64-softmmu' },
      variants: ['none'],
      workloads: [{ name: 'port-io' }],
      blocks: 6,
    }),
    ...details,
  };
}

/** Body of a request for the API: it has a glob and leaves out what has a default. */
export const REQUEST_BODY = {
  name: 'api',
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  events: ['memory_region_ops_*'],
  variants: ['none', 'idle'],
  workloads: [{ name: 'port-io', parameters: { writes: 10 } }],
  blocks: 6,
};
