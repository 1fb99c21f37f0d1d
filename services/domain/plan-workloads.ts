// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobRequest, PlannedWorkload } from '#contract/job.js';
import {
  workloadLabel,
  type WorkloadDefinition,
  type WorkloadRequest,
} from '#contract/workload.js';
import type { WorkloadUpload } from '#contract/workload-upload.js';
import type { BrokenRules } from './broken-rules.js';
import type { Catalogue } from './catalogue.js';
import { suggestion } from './suggest.js';

/** Uploaded workloads that a request names, keyed by digest. */
export type UploadedWorkloads = ReadonlyMap<string, WorkloadUpload>;

/**
 * Plans the workloads of a request: sets all parameters and assigns labels. Within a job, a name
 * stands for one workload, because thresholds and metrics name workloads.
 */
export function planWorkloads(
  request: JobRequest,
  catalogue: Catalogue,
  uploaded: UploadedWorkloads,
  rules: BrokenRules,
): PlannedWorkload[] {
  const labels = new Map<string, number>();
  const names = new Map<string, { index: number; from: string | undefined }>();
  const planned: PlannedWorkload[] = [];
  for (const [index, wanted] of request.workloads.entries()) {
    const path = `workloads.${index}`;
    const found =
      wanted.from === undefined
        ? shippedWorkload(wanted.name!, `${path}.name`, catalogue, rules)
        : uploadedWorkload(wanted.from, uploaded);
    if (found === null) continue;
    const { definition } = found;
    const { name } = definition;
    if (!definition.targets.includes(request.qemu.target)) {
      rules.add(
        wanted.from === undefined ? `${path}.name` : `${path}.from`,
        `"${name}" does not run on ${request.qemu.target}; it runs on ${definition.targets.join(', ')}`,
      );
    }
    const named = names.get(name);
    if (named === undefined) names.set(name, { index, from: wanted.from });
    else if (named.from !== wanted.from)
      rules.add(
        path,
        `has the name "${name}", as workloads.${named.index}, another workload; ` +
          'rename one in its workload.yaml',
      );
    const label = workloadLabel({ name, parameters: wanted.parameters });
    const earlier = labels.get(label);
    if (earlier === undefined) labels.set(label, index);
    else if (named?.from === wanted.from)
      rules.add(path, `is the same workload with the same parameters as workloads.${earlier}`);

    planned.push({
      label,
      name,
      parameters: completeParameters(wanted, definition, path, rules),
      timeoutSeconds: wanted.timeoutSeconds ?? definition.run.timeoutSeconds,
      vcpus: definition.run.vcpus,
      size: planSize(wanted, definition),
      ...(found.uploaded === undefined ? {} : { uploaded: found.uploaded }),
    });
  }
  return planned;
}

interface Found {
  readonly definition: WorkloadDefinition;
  readonly uploaded?: NonNullable<PlannedWorkload['uploaded']>;
}

function shippedWorkload(
  name: string,
  field: string,
  { workloads }: Catalogue,
  rules: BrokenRules,
): Found | null {
  const definition = workloads.find((known) => known.name === name);
  if (definition !== undefined) return { definition };
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
  return null;
}

/** The store was asked for every digest before. */
function uploadedWorkload(digest: string, uploaded: UploadedWorkloads): Found {
  const { method, definition } = uploaded.get(digest)!;
  return { definition, uploaded: { digest, method, definition } };
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
  path: string,
  rules: BrokenRules,
): Record<string, number> {
  for (const [name, value] of Object.entries(wanted.parameters)) {
    const field = `${path}.parameters.${name}`;
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
