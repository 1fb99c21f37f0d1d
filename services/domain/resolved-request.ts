import type { Job, JobRequest, PlannedWorkload } from '../contract/job.js';
import type { Baseline } from '../contract/side.js';
import { sidesOf, type PlannedSides } from './plan-sides.js';

/**
 * A job's request with nothing left open: what was a glob, a default, chance or taken from another job is spelled out.
 * It needs nothing but the uploads that it names, and submitted anywhere gives the same plan.
 */
export function resolvedRequest(job: Pick<Job, 'plan' | 'request'>): JobRequest {
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

/** All parameters, but a size that the host chooses is left to the host. */
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

/** Labels say which parameters were given; with all of them given they change, and with them the thresholds that name them. */
function resolvedThresholds({ plan }: Pick<Job, 'plan'>): JobRequest['thresholds'] {
  return plan.thresholds.map((override) => {
    const named = plan.workloads.find(
      ({ label, name }) => label === override.workload && label !== name,
    );
    return named === undefined ? override : { ...override, workload: fullLabel(named) };
  });
}

function fullLabel(workload: PlannedWorkload): string {
  const given = Object.entries(resolvedParameters(workload)).sort(([a], [b]) => (a < b ? -1 : 1));
  return [workload.name, ...given.map(([parameter, value]) => `${parameter}=${value}`)].join(' ');
}
