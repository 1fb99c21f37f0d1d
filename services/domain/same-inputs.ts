// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';

/** Returns whether a variant loads the same files on both sides, apart from the emulator itself. */
export function sameInputs(
  { sides, variants }: Pick<JobPlan, 'sides' | 'variants'>,
  name: string,
): boolean {
  const mode = variants.find((variant) => variant.name === name)?.mode;
  const { head, base } = sides ?? { head: null, base: null };
  if (head === null || base === null) return false;
  if (mode === 'dynamic') return head.instrumentation === base.instrumentation;
  if (mode === 'backend') return head.events.join(' ') === base.events.join(' ');
  return true;
}
