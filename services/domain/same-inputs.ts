// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';
import { recipeOf } from './recipe.js';

/** Returns whether a variant loads the same files on both sides, apart from the emulator itself. */
export function sameInputs(
  { sides, variants }: Pick<JobPlan, 'sides' | 'variants'>,
  name: string,
): boolean {
  const [one, other] = variants.filter((variant) => variant.name === name);
  if (sides === null || one === undefined || other === undefined) return false;
  const [a, b] = [recipeOf(sides, one), recipeOf(sides, other)];
  if (one.mode === 'dynamic') return a.instrumentation === b.instrumentation;
  if (one.mode === 'backend') return a.events.join(' ') === b.events.join(' ');
  return true;
}
