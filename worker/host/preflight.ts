// SPDX-License-Identifier: GPL-2.0-or-later
import type { KnobReport } from '#contract/host.js';
import { aslr } from './knobs/aslr.js';
import { governor } from './knobs/governor.js';
import { applyKnob, type Knob } from './knobs/knob.js';
import { smt } from './knobs/smt.js';
import { swap } from './knobs/swap.js';
import { thp } from './knobs/thp.js';
import { turbo } from './knobs/turbo.js';

/** Name of the knob that each measuring job tests with a run (priority.ts). */
export const PRIORITY = 'priority';

const KNOBS: readonly Knob[] = [governor, turbo, smt, thp, swap, aslr];

/** Names of the knobs that QIBENCH_TUNE may list. */
export const CHANGEABLE_KNOBS: readonly string[] = [
  ...KNOBS.filter(({ set }) => typeof set !== 'string').map(({ name }) => name),
  PRIORITY,
];

/** Changes the allowed knobs, then returns the state of every knob. */
export async function preflight(allowed: ReadonlySet<string>, root = '/'): Promise<KnobReport[]> {
  const reports: KnobReport[] = [];
  for (const knob of KNOBS) reports.push(await applyKnob(knob, allowed.has(knob.name), root));
  return reports;
}

/** Returns a knob's state as a line of the log. */
export function knobLine({ name, value, status, reason }: KnobReport): string {
  return `${name}: ${value ?? 'unknown'} (${status}${reason === null ? '' : `: ${reason}`})`;
}
