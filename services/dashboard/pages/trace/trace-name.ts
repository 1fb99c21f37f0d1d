// SPDX-License-Identifier: GPL-2.0-or-later
import type { Trace } from '#contract/trace.js';

/** Returns a trace's name: variant, workload and block. */
export function traceName({
  variant,
  side,
  workload,
  block,
}: Pick<Trace, 'variant' | 'side' | 'workload' | 'block'>): string {
  return `${variant}${side === 'base' ? '@base' : ''} · ${workload} · block ${block}`;
}
