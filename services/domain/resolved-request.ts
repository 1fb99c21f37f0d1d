// SPDX-License-Identifier: GPL-2.0-or-later
import type { BundleJob } from '#contract/bundle.js';
import type { Job, JobRequest, PlannedWorkload } from '#contract/job.js';
import type { Baseline } from '#contract/side.js';
import { workloadLabel, type WorkloadRequest } from '#contract/workload.js';
import { sidesOf, type PlannedSides } from './plan-sides.js';

/**
 * Returns a job's request with every choice spelled out: globs, defaults, the seed, and the fields
 * taken from another job. Together with the uploads that it names, it gives the same plan on any
 * service. A sweep and the globs of a variant's own events stay: the same version has the same
 * events.
 */
export function resolvedRequest(job: Pick<Job, 'plan' | 'request'>): BundleJob {
  const { plan, request } = job;
  const sides = sidesOf(job);
  const { qemu, events, instrumentation } = sides.head;
  const { patches, port: _port, portReason: _reason, ...version } = qemu;
  const { patches: _patches, source: _source, ...invocation } = request.qemu;
  const baseline = resolvedBaseline(sides, request);
  return {
    name: request.name,
    qemu: { ...invocation, ...version, ...(patches === null ? {} : { patches }) },
    events: plan.open === true ? request.events : events,
    ...(instrumentation === null ? {} : { instrumentation }),
    ...(request.arguments === undefined ? {} : { arguments: request.arguments }),
    variants: request.variants,
    workloads: resolvedWorkloads(job),
    ...(request.sweep === undefined ? {} : { sweep: request.sweep }),
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

/**
 * Returns the workloads of the request with all parameters. A sweep makes the same number of planned
 * workloads of each, one after the other.
 */
function resolvedWorkloads({ plan, request }: Pick<Job, 'plan' | 'request'>): WorkloadRequest[] {
  const each = plan.workloads.length / request.workloads.length;
  return request.workloads.map(({ label, qemu }, index) => {
    const workload = plan.workloads[index * each]!;
    return {
      ...(workload.uploaded === undefined
        ? { name: workload.name }
        : { from: workload.uploaded.digest }),
      ...(label === undefined ? {} : { label }),
      parameters: resolvedParameters(workload),
      ...(qemu === undefined ? {} : { qemu }),
      timeoutSeconds: workload.timeoutSeconds,
    };
  });
}

/** Returns all parameters except swept ones, and a size that the host chooses. */
function resolvedParameters({
  parameters,
  size,
  swept = {},
}: PlannedWorkload): Record<string, number> {
  const chosen = size?.full === null ? size.parameter : null;
  return Object.fromEntries(
    Object.entries(parameters).filter(([name]) => name !== chosen && !Object.hasOwn(swept, name)),
  );
}

function resolvedBaseline({ base, same }: PlannedSides, { baseline }: JobRequest): Baseline | null {
  if (same) return 'same';
  if (base === null) return null;
  const { qemu, events, instrumentation } = base;
  const own = typeof baseline === 'object' ? baseline.instrumentations : undefined;
  return {
    version: qemu.version,
    source: qemu.source ?? null,
    patches: qemu.patches,
    configure: qemu.configure ?? [],
    events,
    ...(instrumentation === null ? {} : { instrumentation }),
    ...(own === undefined ? {} : { instrumentations: own }),
  };
}

/** Renames workloads in thresholds: spelling out all parameters changes the workloads' labels. */
function resolvedThresholds(job: Pick<Job, 'plan' | 'request'>): JobRequest['thresholds'] {
  const { workloads, thresholds } = job.plan;
  const resolved = resolvedWorkloads(job);
  return thresholds.map((override) => {
    const index = workloads.findIndex(
      ({ label, name }) => label === override.workload && label !== name,
    );
    if (index < 0) return override;
    const each = workloads.length / resolved.length;
    const { name, swept } = workloads[index]!;
    const wanted = { ...resolved[Math.floor(index / each)]!, name };
    const workload = workloadLabel(job.request, wanted, swept);
    return { ...override, workload };
  });
}
