// SPDX-License-Identifier: GPL-2.0-or-later
import type { NoiseSample } from '#contract/host.js';

/** Maximum number of groups of runs on the plot's axis. */
const GROUPS = 48;

/** Returns a quantile of ascending values, interpolated. */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  return (
    sorted[below]! + (place - below) * ((sorted[below + 1] ?? sorted[below]!) - sorted[below]!)
  );
}

export interface Spread {
  readonly median: number;
  /** 10th percentile. */
  readonly low: number;
  /** 90th percentile. */
  readonly high: number;
  readonly worst: number;
}

/** Returns the spread of the known values; null if the host reports none. */
export function spread(values: readonly (number | null)[]): Spread | null {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.1),
    high: quantile(sorted, 0.9),
    worst: sorted.at(-1)!,
  };
}

/** Noise figures of a run. Waiting times are shares of the run's time. */
export const KINDS = [
  {
    name: 'Stolen time',
    unit: 'share',
    explained: 'given to other guests by the hypervisor, summed over all CPUs',
    value: (sample: NoiseSample) => sample.stealShare,
  },
  {
    name: 'CPU pressure',
    unit: 'share',
    explained: 'some task waited for a CPU',
    value: (sample: NoiseSample) => sample.pressureShare.cpu,
  },
  {
    name: 'IO pressure',
    unit: 'share',
    explained: 'some task waited for IO',
    value: (sample: NoiseSample) => sample.pressureShare.io,
  },
  {
    name: 'Memory pressure',
    unit: 'share',
    explained: 'some task waited for memory',
    value: (sample: NoiseSample) => sample.pressureShare.memory,
  },
  {
    name: 'Load',
    unit: '',
    explained: 'average of one minute, at the end of the run',
    value: (sample: NoiseSample) => sample.load,
  },
] as const;

/** Groups consecutive runs. Returns the start of each group and the spread of its values. */
export function grouped(
  samples: readonly NoiseSample[],
  valueOf: (sample: NoiseSample) => number | null,
): { readonly at: string; readonly spread: Spread | null }[] {
  const size = Math.max(1, Math.ceil(samples.length / GROUPS));
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, index) => {
    const group = samples.slice(index * size, (index + 1) * size);
    return { at: group[0]!.at, spread: spread(group.map(valueOf)) };
  });
}
