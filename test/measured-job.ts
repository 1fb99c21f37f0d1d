import { JobPlan, type JobRequest } from '../services/contract/job.js';
import type { Sample } from '../services/contract/sample.js';
import { shownVariant } from '../services/contract/side.js';
import { acceptJob, advanceJob, claimJob } from '../services/store/jobs.js';
import { insertSamples } from '../services/store/samples.js';
import type { Store } from '../services/store/store.js';

/**
 * A job that has been measured without measuring: its samples are given, and what they do not say of its plan.
 *
 * @returns its id
 */
export async function measuredJob(
  store: Store,
  samples: readonly Omit<Sample, 'id' | 'traceId'>[],
  details: Partial<JobRequest> = {},
  planned: Partial<JobPlan> = {},
): Promise<string> {
  const variants = new Map(
    samples.map(({ side, variant }) => [
      shownVariant({ name: variant, side }),
      { side, name: variant },
    ]),
  );
  const labels = [...new Set(samples.map(({ workload }) => workload))];
  const blocks = Math.max(...samples.filter(({ batch }) => batch === 1).map(({ block }) => block));
  const side = {
    qemu: { version: '7.2', target: 'x86_64-softmmu', patches: null },
    events: [],
    instrumentation: null,
  };
  const request = {
    name: 'measured',
    qemu: { version: '7.2', target: 'x86_64-softmmu' },
    events: [],
    variants: ['none'],
    workloads: [{ name: 'port-io', parameters: {} }],
    blocks: Math.max(blocks, 6),
    ...details,
  } as JobRequest;
  const plan = JobPlan.parse({
    events: [],
    blocks,
    seed: 1,
    batches: Math.max(...samples.map(({ batch }) => batch)),
    sides: {
      head: side,
      base: samples.some((sample) => sample.side === 'base') ? side : null,
      same: false,
    },
    variants: [...variants.values()].map((variant) => ({
      ...variant,
      mode: variant.name,
      backend: null,
      plugin: null,
      arguments: [],
      trace: false,
    })),
    workloads: labels.map((label) => ({
      label,
      name: 'port-io',
      parameters: {},
      timeoutSeconds: 1,
    })),
    ...planned,
  });
  const { job } = await acceptJob(store, { request, plan, requestDigest: 'digest' });
  const { epoch } = (await claimJob(store, job.id, 'test'))!;
  await advanceJob(store, job.id, epoch, { type: 'built' });
  const blocksDone = Math.max(...samples.map(({ block }) => block));
  await insertSamples(store, job.id, epoch, samples, blocksDone);
  await advanceJob(store, job.id, epoch, { type: 'measured' });
  return job.id;
}
