// SPDX-License-Identifier: GPL-2.0-or-later
import type { PlannedWorkload } from '#contract/job.js';
import type { QemuInvocation } from '#contract/qemu-invocation.js';
import type { Variant } from '#contract/variant.js';

/** What placeholders stand for, by name. */
export type PlaceholderValues = Readonly<Record<string, string | number>>;

/** Replaces `{name}` by the value of that name. Other braces stay, like JSON's. */
export function filled(text: string, values: PlaceholderValues): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}

/**
 * Returns the values of a run's placeholders. A variant's parameters replace the workload's.
 * @param sizeValue Null: the size is as in the workload's parameters.
 */
export function valuesOf(
  {
    variant,
    workload,
  }: {
    readonly variant: Pick<Variant, 'parameters' | 'swept'>;
    readonly workload: Pick<PlannedWorkload, 'parameters' | 'size' | 'swept'>;
  },
  sizeValue: number | null = null,
): PlaceholderValues {
  const { size } = workload;
  return {
    ...variant.swept,
    ...workload.swept,
    ...workload.parameters,
    ...variant.parameters,
    ...(size === null || sizeValue === null ? {} : { [size.parameter]: sizeValue }),
  };
}

/** Returns the texts of an invocation in which placeholders are replaced. */
export function placesIn({ arguments: words = [], environment = {} }: QemuInvocation): string[] {
  return [...words, ...Object.values(environment)];
}

/** Returns whether one of the texts has a placeholder of this name. */
export function hasPlaceholder(texts: readonly string[], name: string): boolean {
  return texts.some((text) => text.includes(`{${name}}`));
}
