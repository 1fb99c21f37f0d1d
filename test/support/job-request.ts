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
