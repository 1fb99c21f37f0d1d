// SPDX-License-Identifier: GPL-2.0-or-later
import type { HostState, Noise, RunResult } from '#contract/sample.js';

/** Length of a tick in /proc/stat: USER_HZ is 100 on every architecture that Docker runs on. */
const TICK_NS = 10_000_000n;

/** Computes the noise during a run from the kernel's state before and after it. */
export function noiseOf(
  { before, after }: Pick<RunResult, 'before' | 'after'>,
  cpus: readonly number[],
): Noise {
  return {
    stealNs: text(difference(stealTicks(before.stat, cpus), stealTicks(after.stat, cpus)), TICK_NS),
    pressureNs: {
      cpu: text(pressure(before, after, 'pressureCpu'), 1000n),
      io: text(pressure(before, after, 'pressureIo'), 1000n),
      memory: text(pressure(before, after, 'pressureMemory'), 1000n),
    },
    load: loadOf(after.load),
    frequencyHz: frequencyOf(after.frequenciesKhz),
  };
}

/**
 * Sums the steal ticks, the eighth number of a CPU's line, over the CPUs; null if one is missing.
 * @see proc_stat(5)
 */
function stealTicks(stat: string, cpus: readonly number[]): bigint | null {
  let total = 0n;
  for (const cpu of cpus) {
    const digits = new RegExp(`^cpu${cpu}(?: +\\d+){7} +(\\d+)`, 'm').exec(stat)?.[1];
    if (digits === undefined) return null;
    total += BigInt(digits);
  }
  return total;
}

/**
 * Returns the microseconds during which some task waited.
 * @see The kernel's accounting/psi.rst
 */
function pressure(
  before: HostState,
  after: HostState,
  file: 'pressureCpu' | 'pressureIo' | 'pressureMemory',
): bigint | null {
  return difference(someTotal(before[file]), someTotal(after[file]));
}

function someTotal(text: string): bigint | null {
  const digits = /^some .*total=(\d+)$/m.exec(text)?.[1];
  return digits === undefined ? null : BigInt(digits);
}

/**
 * Returns null if a value is missing or the counter went back, as steal time may when a virtual
 * machine moves to another host.
 */
function difference(before: bigint | null, after: bigint | null): bigint | null {
  return before === null || after === null || after < before ? null : after - before;
}

function text(count: bigint | null, unitNs: bigint): string | null {
  return count === null ? null : (count * unitNs).toString();
}

function loadOf(text: string): number | null {
  const number = /^\d+\.\d+/.exec(text)?.[0];
  return number === undefined ? null : Number(number);
}

function frequencyOf(text: string): number | null {
  const numbers = text
    .split('\n')
    .filter((line) => /^\d+$/.test(line))
    .map(Number);
  return numbers.length === 0
    ? null
    : Math.round((1000 * numbers.reduce((sum, khz) => sum + khz, 0)) / numbers.length);
}
