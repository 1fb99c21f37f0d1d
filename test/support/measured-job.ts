// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan, JobRequest } from '#contract/job.js';
import { shownVariant } from '#contract/side.js';
import type { Variant } from '#contract/variant.js';
import { acceptJob, advanceJob, claimJob } from '#store/jobs.js';
import { insertSamples, type NewSample } from '#store/samples.js';
import type { Store } from '#store/store.js';
import { jobPlan, plannedWorkload, TWO_SIDES, variantOf } from './job-plan.js';
import { jobRequest } from './job-request.js';

/**
 * Stores a measured job without measuring: from given samples, and overrides for plan fields that
 * samples do not contain.
 * @returns The job's id.
 */
export async function measuredJob(
  store: Store,
  samples: readonly NewSample[],
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
  const request = jobRequest({
    name: 'measured',
    blocks: Math.min(Math.max(blocks, 6), 200),
    ...details,
  });
  const plan = jobPlan({
    blocks,
    batches: Math.max(...samples.map(({ batch }) => batch)),
    sides: samples.some((sample) => sample.side === 'base')
      ? TWO_SIDES
      : { ...TWO_SIDES, base: null },
    variants: [...variants.values()].map(({ name, side }) =>
      variantOf(name as Variant['mode'], { side }),
    ),
    workloads: labels.map((label) => plannedWorkload(label, { name: 'port-io' })),
    ...planned,
  });
  const { job } = await acceptJob(store, { request, plan, requestDigest: 'digest' });
  const { epoch } = (await claimJob(store, job.id, 'test'))!;
  await advanceJob(store, job.id, epoch, { type: 'built' });
  const last = Math.max(...samples.map(({ block }) => block));
  await insertSamples(store, job.id, epoch, samples, last);
  await advanceJob(store, job.id, epoch, { type: 'measured' });
  return job.id;
}
