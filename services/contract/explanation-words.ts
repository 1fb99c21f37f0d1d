// SPDX-License-Identifier: GPL-2.0-or-later
import type { Cause, Explanation } from './explanation.js';
import type { ProfilePart } from './profile.js';

/** Names of the parts in texts. */
export const PART_WORDS: Readonly<Record<ProfilePart, string>> = {
  translation: 'translation',
  'translated-code': 'translated code',
  'execution-loop': 'execution loop',
  helpers: 'helpers',
  devices: 'devices and system calls',
  instrumentation: 'callbacks of the instrumentation',
  'trace-backend': 'trace points and backends',
  'memory-and-locks': 'memory and locks',
  'start-up': 'start-up',
  idle: 'idle',
};

const UNITS = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** Formats a cost with three digits: `12.3 M`. */
export function costWords(cost: number): string {
  const [divisor, unit] = UNITS.find(([size]) => Math.abs(cost) >= size) ?? [1, ''];
  const number = Number((cost / divisor).toPrecision(3));
  return `${number}${unit === '' ? '' : ` ${unit}`}`.replace('-', '−');
}

/** Formats a change of cost: `+12.3 M`. */
export function changeWords(change: number): string {
  return change > 0 ? `+${costWords(change)}` : costWords(change);
}

/** Describes where a function is: `name (hw/char/serial.c:12)`. */
export function placeWords({
  name,
  file,
  object,
  line,
}: Omit<Cause, 'share' | 'perEvent'>): string {
  const place = file === '' ? object : line === null ? file : `${file}:${line}`;
  return place === '' ? name : `${name} (${place})`;
}

/**
 * Describes one cause: `61 % by name (file:12), helpers: +12.3 M instructions, 6.1 per event`.
 */
export function causeWords(cause: Cause, unit: Explanation['unit']): string {
  const { share, part, before, after, perEvent } = cause;
  const each = perEvent === null ? '' : `, ${costWords(perEvent)} per event`;
  return (
    `${Math.round(100 * share)} % by ${placeWords(cause)}, ${PART_WORDS[part]}: ` +
    `${changeWords(after - before)} ${unit}${each}`
  );
}

/** Share of the start-up from which its change is named. */
const NAMED_START = 0.01;

/**
 * Describes the whole change: `dynamic over none with port-io: +12.3 M instructions (+4.1 %),
 * start-up +6.4 M`.
 */
export function explanationWords(explanation: Explanation): string {
  const { subject, reference, workload, before, after, startUp, unit } = explanation;
  const percent = before === 0 ? 0 : (100 * (after - before)) / before;
  const start = startUp.after - startUp.before;
  return (
    `${subject} over ${reference} with ${workload}: ` +
    `${changeWords(after - before)} ${unit} ` +
    `(${percent > 0 ? '+' : ''}${percent.toFixed(1).replace('-', '−')} %)` +
    (Math.abs(start) > startUp.before * NAMED_START ? `, start-up ${changeWords(start)}` : '')
  );
}
