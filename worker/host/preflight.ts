import { QibenchError } from '../../services/contract/error.js';
import type { KnobReport } from '../../services/contract/host.js';
import { aslr } from './knobs/aslr.js';
import { governor } from './knobs/governor.js';
import { applyKnob, type Knob } from './knobs/knob.js';
import { smt } from './knobs/smt.js';
import { swap } from './knobs/swap.js';
import { thp } from './knobs/thp.js';
import { turbo } from './knobs/turbo.js';

/** Tried by a run when a job is measured (priority.ts). */
export const PRIORITY = 'priority';

const KNOBS: readonly Knob[] = [governor, turbo, smt, thp, swap, aslr];

/**
 * The knobs that a setting allows to be changed.
 *
 * @param setting QIBENCH_TUNE: names with commas; none if it is absent or empty
 * @throws QibenchError BAD_SETTING for a name that is none, or of a knob that is never changed
 */
export function allowedKnobs(setting: string | undefined): ReadonlySet<string> {
  const names = (setting ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const changeable = [
    ...KNOBS.filter(({ set }) => typeof set !== 'string').map(({ name }) => name),
    PRIORITY,
  ];
  const wrong = names.find((name) => !changeable.some((known) => known === name));
  if (wrong !== undefined)
    throw new QibenchError('BAD_SETTING', {
      setting: 'QIBENCH_TUNE',
      reason: `"${wrong}" is none of ${changeable.join(', ')}`,
    });
  return new Set(names);
}

/** The state of every knob, after changing those that may be. */
export async function preflight(allowed: ReadonlySet<string>, root = '/'): Promise<KnobReport[]> {
  const reports: KnobReport[] = [];
  for (const knob of KNOBS) reports.push(await applyKnob(knob, allowed.has(knob.name), root));
  return reports;
}

export function knobLine({ name, value, status, reason }: KnobReport): string {
  return `${name}: ${value ?? 'unknown'} (${status}${reason === null ? '' : `: ${reason}`})`;
}
