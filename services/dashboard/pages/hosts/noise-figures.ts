import type { NoiseSample } from '../../../contract/host.js';

/** Runs that share a place on the plot's axis. */
const GROUPS = 48;

/** The value below which a share of the values lies, interpolated; the values are ascending. */
export function quantile(sorted: readonly number[], share: number): number {
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

/** Null where the host says nothing. */
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

const share = (ns: string | null, { wallNs }: NoiseSample): number | null =>
  ns === null || wallNs === '0' ? null : Number(ns) / Number(wallNs);
/** The kernel is asked a little before and after the run: waiting may seem to take longer than it. */
const waiting = (ns: string | null, sample: NoiseSample): number | null => {
  const of = share(ns, sample);
  return of === null ? null : Math.min(1, of);
};

/** What is shown of a run's noise; times in which something waited, as shares of the run. */
export const KINDS = [
  {
    name: 'Stolen time',
    unit: 'share',
    explained: 'given to others by the hypervisor, of all CPUs together',
    of: (sample: NoiseSample) => share(sample.stealNs, sample),
  },
  {
    name: 'CPU pressure',
    unit: 'share',
    explained: 'some task waited for a CPU',
    of: (sample: NoiseSample) => waiting(sample.pressureNs.cpu, sample),
  },
  {
    name: 'IO pressure',
    unit: 'share',
    explained: 'some task waited for IO',
    of: (sample: NoiseSample) => waiting(sample.pressureNs.io, sample),
  },
  {
    name: 'Memory pressure',
    unit: 'share',
    explained: 'some task waited for memory',
    of: (sample: NoiseSample) => waiting(sample.pressureNs.memory, sample),
  },
  {
    name: 'Load',
    unit: '',
    explained: 'of one minute, at the end of the run',
    of: (sample: NoiseSample) => sample.load,
  },
] as const;

/** Consecutive runs together: where each group begins, and its values' spread. */
export function grouped(
  samples: readonly NoiseSample[],
  of: (sample: NoiseSample) => number | null,
): { readonly at: string; readonly spread: Spread | null }[] {
  const size = Math.max(1, Math.ceil(samples.length / GROUPS));
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, index) => {
    const group = samples.slice(index * size, (index + 1) * size);
    return { at: group[0]!.at, spread: spread(group.map(of)) };
  });
}
