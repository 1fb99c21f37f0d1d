// SPDX-License-Identifier: GPL-2.0-or-later
import type { BundleJob } from '#contract/bundle.js';
import type { Job, JobRequest, PlannedWorkload } from '#contract/job.js';
import type { Baseline } from '#contract/side.js';
import { sidesOf, type PlannedSides } from './plan-sides.js';

/**
 * Returns a job's request with every choice spelled out: globs, defaults, the seed, and the fields
 * taken from another job. Together with the uploads that it names, it gives the same plan on any
 * service.
 */
export function resolvedRequest(job: Pick<Job, 'plan' | 'request'>): BundleJob {
  const { plan, request } = job;
  const sides = sidesOf(job);
  const { qemu, events, instrumentation } = sides.head;
  const { patches, ...version } = qemu;
  const baseline = resolvedBaseline(sides);
  return {
    name: request.name,
    qemu: { ...version, ...(patches === null ? {} : { patches }) },
    events,
    ...(instrumentation === null ? {} : { instrumentation }),
    variants: request.variants,
    workloads: plan.workloads.map((workload) => ({
      name: workload.name,
      parameters: resolvedParameters(workload),
      timeoutSeconds: workload.timeoutSeconds,
    })),
    ...resolvedStopping(plan, baseline !== null),
    ...(baseline === null ? {} : { baseline }),
    thresholds: resolvedThresholds(job),
    ...(request.instructions === undefined ? {} : { instructions: request.instructions }),
    ...(request.traceDays === undefined ? {} : { traceDays: request.traceDays }),
    seed: plan.seed,
  };
}

function resolvedStopping(
  { withinSeconds, threshold, blocks, batches }: Job['plan'],
  hasBase: boolean,
): Pick<JobRequest, 'measure' | 'blocks' | 'confirm'> {
  if (withinSeconds !== null) return { measure: { threshold, within: `${withinSeconds}s` } };
  return { measure: { threshold }, blocks, ...(hasBase ? { confirm: batches > 1 } : {}) };
}

/** Returns all parameters except a size that the host chooses. */
function resolvedParameters({ parameters, size }: PlannedWorkload): Record<string, number> {
  if (size?.full !== null) return parameters;
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => name !== size.parameter));
}

function resolvedBaseline({ base, same }: PlannedSides): Baseline | null {
  if (same) return 'same';
  if (base === null) return null;
  const { qemu, events, instrumentation } = base;
  return {
    version: qemu.version,
    patches: qemu.patches,
    events,
    ...(instrumentation === null ? {} : { instrumentation }),
  };
}

/** Renames workloads in thresholds: spelling out all parameters changes the workloads' labels. */
function resolvedThresholds({ plan }: Pick<Job, 'plan'>): JobRequest['thresholds'] {
  return plan.thresholds.map((override) => {
    const named = plan.workloads.find(
      ({ label, name }) => label === override.workload && label !== name,
    );
    return named === undefined ? override : { ...override, workload: fullLabel(named) };
  });
}

function fullLabel(workload: PlannedWorkload): string {
  const parameters = Object.entries(resolvedParameters(workload)).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return [workload.name, ...parameters.map(([parameter, value]) => `${parameter}=${value}`)].join(
    ' ',
  );
}
