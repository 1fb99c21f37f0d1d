import type { JobPlan, JobRequest } from '../services/contract/job.js';
import type { Sample } from '../services/contract/sample.js';
import { acceptJob, advanceJob, claimJob } from '../services/store/jobs.js';
import { insertSample } from '../services/store/samples.js';
import type { Store } from '../services/store/store.js';

/** A job that has been measured without measuring: its samples are given. Returns its id. */
export async function measuredJob(store: Store, samples: readonly Omit<Sample, 'id' | 'traceId'>[], details: Partial<JobRequest> = {}): Promise<string> {
  const names = [...new Set(samples.map(({ variant }) => variant))];
  const labels = [...new Set(samples.map(({ workload }) => workload))];
  const blocks = Math.max(...samples.map(({ block }) => block));
  const request = { name: 'measured', qemu: { version: '7.2', target: 'x86_64-softmmu' }, events: [], variants: ['none'], workloads: [{ name: 'port-io', parameters: {} }], blocks, ...details } as JobRequest;
  const plan: JobPlan = {
    events: [], blocks, seed: 1, sides: null, batches: 1, threshold: 0.02, thresholds: [],
    variants: names.map((name) => ({ name, side: 'head', mode: name as 'none', backend: null, plugin: null, arguments: [], trace: false })),
    workloads: labels.map((label) => ({ label, name: 'port-io', parameters: {}, timeoutSeconds: 1 })),
  };
  const { job } = await acceptJob(store, { request, plan, requestDigest: 'digest' });
  const { epoch } = (await claimJob(store, job.id, 'test'))!;
  await advanceJob(store, job.id, epoch, { type: 'built' });
  for (const sample of samples) await insertSample(store, job.id, epoch, sample);
  await advanceJob(store, job.id, epoch, { type: 'measured' });
  return job.id;
}
