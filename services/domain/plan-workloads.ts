// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobRequest, PlannedWorkload } from '#contract/job.js';
import { targetKind } from '#contract/qemu.js';
import { variantObjectOf } from '#contract/variant.js';
import {
  WORKLOAD_LABEL,
  workloadLabel,
  type WorkloadDefinition,
  type WorkloadRequest,
} from '#contract/workload.js';
import type { WorkloadUpload } from '#contract/workload-upload.js';
import { BrokenRules } from './broken-rules.js';
import type { Catalogue } from './catalogue.js';
import { filled, valuesOf } from './placeholders.js';
import { planSweep, sweptWorkloads, type PlannedSweep, type SweptWorkload } from './plan-sweep.js';
import { suggestion } from './suggest.js';
import { vcpusOf } from './vcpus.js';

/** Uploaded workloads that a request names, keyed by digest. */
export type UploadedWorkloads = ReadonlyMap<string, WorkloadUpload>;

interface Guests {
  readonly catalogue: Catalogue;
  readonly uploaded: UploadedWorkloads;
}

function guestOf(
  { name, from }: WorkloadRequest,
  { catalogue, uploaded }: Guests,
): WorkloadDefinition | undefined {
  return from === undefined
    ? catalogue.workloads.find((known) => known.name === name)
    : uploaded.get(from)?.definition;
}

/** Returns the definition of each workload of a request; undefined for an unknown one. */
export function guestsOf(
  { workloads }: JobRequest,
  guests: Guests,
): (WorkloadDefinition | undefined)[] {
  return workloads.map((wanted) => guestOf(wanted, guests));
}

/**
 * Returns the labels that the shipped workloads of a request will have, and their names, by which an
 * estimate finds a guest that was never measured with these parameters.
 */
export function labelsOf(request: JobRequest, guests: Guests): string[] {
  const rules = new BrokenRules();
  const sweep = planSweep(request, guestsOf(request, guests), rules);
  const labels = sweptWorkloads(request, sweep, rules).flatMap(({ wanted, swept }) =>
    wanted.name === undefined
      ? []
      : [wanted.name, workloadLabel(request, { ...wanted, name: wanted.name }, swept)],
  );
  return [...new Set(labels)];
}

interface WorkloadSources extends Guests {
  readonly sweep: PlannedSweep;
}

/**
 * Plans the workloads of a request: sets all parameters and assigns labels. Within a job, a name
 * stands for one workload, because thresholds and metrics name workloads. A sweep makes several
 * workloads of one.
 */
export function planWorkloads(
  request: JobRequest,
  { sweep, ...guests }: WorkloadSources,
  rules: BrokenRules,
): PlannedWorkload[] {
  const labels = new Map<string, string>();
  const names = new Map<string, { path: string; from: string | undefined }>();
  const planned: PlannedWorkload[] = [];
  for (const { wanted, path, swept, qemu } of sweptWorkloads(request, sweep, rules)) {
    const definition = guestOf(wanted, guests);
    if (definition === undefined) {
      // The store was asked for every digest before.
      unknownWorkload(wanted.name!, `${path}.name`, guests.catalogue, rules);
      continue;
    }
    const { name } = definition;
    if (!definition.targets.includes(request.qemu.target)) {
      rules.add(
        wanted.from === undefined ? `${path}.name` : `${path}.from`,
        `"${name}" does not run on ${request.qemu.target}; it runs on ${definition.targets.join(', ')}`,
      );
    }
    const named = names.get(name);
    if (named === undefined) names.set(name, { path, from: wanted.from });
    else if (named.from !== wanted.from)
      rules.add(
        path,
        `has the name "${name}", as ${named.path}, another workload; ` +
          'rename one in its workload.yaml',
      );
    const label = workloadLabel(request, { ...wanted, name }, swept);
    if (label.length > WORKLOAD_LABEL)
      rules.add(
        `${path}.label`,
        `the default has ${label.length} characters, more than ${WORKLOAD_LABEL}; set a shorter one`,
      );
    const earlier = labels.get(label);
    if (earlier === undefined) labels.set(label, path);
    else if (named?.from === wanted.from)
      rules.add(path, `has the same label as ${earlier}; give one of them another "label"`);
    const workload = {
      label,
      name,
      parameters: completeParameters(wanted, definition, { path, swept }, rules),
      timeoutSeconds: wanted.timeoutSeconds ?? definition.run.timeoutSeconds,
      size: planSize(wanted, definition),
      ...(qemu === undefined ? {} : { qemu }),
      ...(Object.keys(swept).length === 0 ? {} : { swept }),
    };

    planned.push({
      ...workload,
      vcpus: planVcpus(request, definition, workload),
      ...(wanted.from === undefined
        ? {}
        : { uploaded: { digest: wanted.from, ...guests.uploaded.get(wanted.from)! } }),
    });
  }
  return planned;
}

/**
 * Returns the virtual CPUs of a guest: by the arguments of its definition and its job, else by
 * `vcpus` of its definition. Variants may differ by their parameters; the largest number counts.
 */
function planVcpus(
  { qemu: { target, arguments: shared = [] }, variants }: JobRequest,
  { run }: WorkloadDefinition,
  workload: Pick<PlannedWorkload, 'parameters' | 'size' | 'swept' | 'qemu'>,
): number {
  const own = run.targetArguments[target] ?? run.arguments;
  const words = [
    // In user mode, a word after the program is the guest's.
    ...(targetKind(target) === 'softmmu' ? own : []),
    ...shared,
    ...(workload.qemu?.arguments ?? []),
  ];
  const numbers = variants.map((written) => {
    const values = valuesOf({ variant: variantObjectOf(written), workload });
    return vcpusOf(words.map((word) => filled(word, values))) ?? run.vcpus;
  });
  return Math.max(...numbers);
}

function unknownWorkload(
  name: string,
  field: string,
  { workloads }: Catalogue,
  rules: BrokenRules,
): void {
  const near = suggestion(
    name,
    workloads.map((known) => known.name),
  );
  rules.unknown(
    'UNKNOWN_WORKLOAD',
    field,
    { name, suggestion: near },
    `no workload "${name}"${near}`,
  );
}

function planSize(
  { parameters }: WorkloadRequest,
  { size, parameters: known }: WorkloadDefinition,
): PlannedWorkload['size'] {
  const parameter = size === undefined ? undefined : known[size.parameter];
  if (size === undefined || parameter === undefined) return null;
  const { minimum, maximum } = parameter;
  return { ...size, full: parameters[size.parameter] ?? null, minimum, maximum };
}

function completeParameters(
  wanted: WorkloadRequest,
  definition: WorkloadDefinition,
  { path, swept }: Pick<SweptWorkload, 'path' | 'swept'>,
  rules: BrokenRules,
): Record<string, number> {
  for (const [name, value] of Object.entries(wanted.parameters)) {
    const field = Object.hasOwn(swept, name) ? `sweep.${name}` : `${path}.parameters.${name}`;
    if (!Object.hasOwn(definition.parameters, name)) {
      const known = Object.keys(definition.parameters);
      const has = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
      rules.add(field, `"${definition.name}" has no parameter "${name}"; ${has}`);
      continue;
    }
    const { minimum, maximum, unit } = definition.parameters[name]!;
    if (value < minimum || value > maximum)
      rules.add(field, `is ${value}, not within ${minimum} to ${maximum} ${unit}`);
  }
  const defaults = Object.entries(definition.parameters).map(
    ([name, parameter]) => [name, parameter.default] as const,
  );
  return { ...Object.fromEntries(defaults), ...wanted.parameters };
}
