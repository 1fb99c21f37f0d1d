// SPDX-License-Identifier: GPL-2.0-or-later
import type { Sweep, SweptValue } from '#contract/sweep.js';

/** Formats a sweep with a name per line. */
export function linesOf(sweep: Exclude<Sweep, string>): string[] {
  return Object.entries(sweep).map(([name, values]) => `${name}: ${values.join(', ')}`);
}

/** Reads a sweep with a name per line; what looks like a number is one. */
export function sweepOf(lines: readonly string[]): Exclude<Sweep, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', ...values] = line.split(/[\s,:]+/).filter((word) => word !== '');
      return [name, values.map(valueOf)];
    }),
  );
}

function valueOf(word: string): SweptValue {
  return /^-?\d+(\.\d+)?$/.test(word) ? Number(word) : word;
}
