// SPDX-License-Identifier: GPL-2.0-or-later
import { JOB_LIMITS, type JobRequest } from '#contract/job.js';
import { mergedInvocation, type QemuInvocation } from '#contract/qemu-invocation.js';
import { SWEPT_OPTIONS } from '#contract/constants.js';
import type { Swept, SweptValue } from '#contract/sweep.js';
import {
  runsInstrumentation,
  variantObjectOf,
  type VariantObject,
  type VariantRequest,
} from '#contract/variant.js';
import type { WorkloadDefinition, WorkloadRequest } from '#contract/workload.js';
import type { BrokenRules } from './broken-rules.js';
import { hasPlaceholder, placesIn } from './placeholders.js';

/** A swept name with its values. */
interface Axis {
  readonly name: string;
  readonly values: readonly SweptValue[];
}

/** A workload's name that is swept sets a parameter, an option of QEMU, or placeholders alone. */
interface WorkloadAxis extends Axis {
  readonly sets: 'parameter' | 'option' | 'placeholder';
}

/** A sweep, split by what its names change. Every combination of values is an entry of the plan. */
export interface PlannedSweep {
  readonly workloads: readonly WorkloadAxis[];
  /** Names that stand in arguments of variants. Variants without the placeholder stay as they are. */
  readonly variants: readonly Axis[];
  /** Every event alone. */
  readonly events: boolean;
}

/** A workload of a request with the values of one combination. */
export interface SweptWorkload {
  readonly wanted: WorkloadRequest;
  /** Field of the request that has the workload. */
  readonly path: string;
  readonly swept: Swept;
  /** The workload's and the sweep's. */
  readonly qemu: QemuInvocation | undefined;
}

const NOTHING: PlannedSweep = { workloads: [], variants: [], events: false };

/**
 * Finds what the names of a sweep change: a parameter that all workloads of the job have, else a
 * placeholder in QEMU's arguments of the job or a workload, else a placeholder in arguments of a
 * variant, else an option of QEMU.
 *
 * @param guests Definition of each workload of the request; undefined for an unknown one.
 */
export function planSweep(
  request: JobRequest,
  guests: readonly (WorkloadDefinition | undefined)[],
  rules: BrokenRules,
): PlannedSweep {
  const { sweep } = request;
  if (sweep === undefined) return NOTHING;
  if (sweep === 'events') return { ...NOTHING, events: true };
  const workloads: WorkloadAxis[] = [];
  const variants: Axis[] = [];
  const has = (name: string) => (guest: WorkloadDefinition | undefined) =>
    guest !== undefined && Object.hasOwn(guest.parameters, name);
  for (const [name, values] of Object.entries(sweep)) {
    if (guests.some(has(name))) {
      const lacking = request.workloads.flatMap((wanted, index) =>
        has(name)(guests[index]) ? [] : [guests[index]?.name ?? wanted.name],
      );
      if (lacking.length > 0)
        rules.add(`sweep.${name}`, `workloads without this parameter: ${lacking.join(', ')}`);
      else if (values.every((value) => Number.isInteger(value)))
        workloads.push({ name, values, sets: 'parameter' });
      else rules.add(`sweep.${name}`, 'a parameter of a workload needs whole numbers');
    } else if (hasPlaceholder(workloadTexts(request), name))
      workloads.push({ name, values, sets: 'placeholder' });
    else if (
      request.variants.some((variant) => hasPlaceholder(variantTexts(request, variant), name))
    )
      variants.push({ name, values });
    else if ((SWEPT_OPTIONS as readonly string[]).includes(name))
      workloads.push({ name, values, sets: 'option' });
    else
      rules.add(
        `sweep.${name}`,
        `is neither a parameter of the workloads, nor an option (${SWEPT_OPTIONS.join(', ')}), ` +
          `nor a placeholder {${name}} in an argument`,
      );
  }
  return { workloads, variants, events: false };
}

/** Returns the workloads of a request, each once per combination of swept values. */
export function sweptWorkloads(
  request: JobRequest,
  { workloads: axes }: PlannedSweep,
  rules: BrokenRules,
): SweptWorkload[] {
  const count = request.workloads.length * countOf(axes);
  if (count > JOB_LIMITS.workloads) {
    rules.add('sweep', `makes ${count} workloads; at most ${JOB_LIMITS.workloads} are allowed`);
    return [];
  }
  const all = combinations(axes);
  return request.workloads.flatMap((wanted, index) =>
    all.map((swept) => {
      const parameters = { ...wanted.parameters };
      const options: string[] = [];
      for (const { name, sets } of axes) {
        if (sets === 'parameter') parameters[name] = Number(swept[name]);
        if (sets === 'option') options.push(`-${name}`, String(swept[name]));
      }
      return {
        wanted: { ...wanted, parameters },
        path: `workloads.${index}`,
        swept,
        qemu: mergedInvocation(wanted.qemu, { arguments: options }),
      };
    }),
  );
}

/**
 * Returns the combinations of swept values that a variant stands for: a single one without a
 * placeholder.
 */
export function sweptVariant(
  request: JobRequest,
  variant: VariantRequest,
  { variants: axes }: PlannedSweep,
  rules: BrokenRules,
): Swept[] {
  const texts = variantTexts(request, variant);
  const used = axes.filter(({ name }) => hasPlaceholder(texts, name));
  const count = countOf(used);
  if (count <= JOB_LIMITS.variants) return combinations(used);
  rules.add('sweep', `makes ${count} variants; at most ${JOB_LIMITS.variants} are allowed`);
  return [];
}

/** Formats swept values as they are appended to a name: ` limit=10 mode=fast`. */
export function sweptSuffix(swept: Swept): string {
  return Object.entries(swept)
    .map(([name, value]) => ` ${name}=${value}`)
    .join('');
}

function workloadTexts({ qemu, workloads }: JobRequest): string[] {
  return [qemu, ...workloads.map((workload) => workload.qemu ?? {})].flatMap(placesIn);
}

/** Returns the arguments of a variant's plugin or instrumentation: its own, or the job's. */
export function argumentsOf(
  { arguments: shared = [] }: JobRequest,
  { mode, arguments: own }: VariantObject,
): string[] {
  return own ?? (runsInstrumentation(mode) ? shared : []);
}

/** Returns the texts of a variant that may have placeholders, with those it has from the job. */
function variantTexts(request: JobRequest, written: VariantRequest): string[] {
  const variant = variantObjectOf(written);
  return [...argumentsOf(request, variant), ...placesIn(variant.qemu ?? {})];
}

function countOf(axes: readonly Axis[]): number {
  return axes.reduce((count, { values }) => count * values.length, 1);
}

/** Returns all combinations of the values; the last name changes fastest. */
function combinations(axes: readonly Axis[]): Swept[] {
  return axes.reduce<Swept[]>(
    (all, { name, values }) =>
      all.flatMap((swept) => values.map((value) => ({ ...swept, [name]: value }))),
    [{}],
  );
}
