// SPDX-License-Identifier: GPL-2.0-or-later
import type { NoiseSample } from '#contract/host.js';
import type { Noise } from '#contract/sample.js';

/** A run's noise with the run's start and duration. */
export interface RunNoise {
  readonly at: Date;
  readonly wallNs: string;
  readonly noise: Noise;
}

const MINUTE_MS = 60_000;
/** Steps of a share. Finer ones would tell how long the run took. */
const STEPS = 1_000;

/**
 * Returns the noise that every project may see. It tells neither when exactly another project's run
 * started nor how long it took.
 */
export function noiseShares({ at, wallNs, noise }: RunNoise): NoiseSample {
  const share = (ns: string | null): number | null =>
    ns === null || wallNs === '0'
      ? null
      : Math.round((STEPS * Number(ns)) / Number(wallNs)) / STEPS;
  // The kernel's counters are read a little before and after the run, so waiting can exceed it.
  const waiting = (ns: string | null): number | null => {
    const waited = share(ns);
    return waited === null ? null : Math.min(1, waited);
  };
  const { cpu, io, memory } = noise.pressureNs;
  return {
    at: new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS).toISOString(),
    stealShare: share(noise.stealNs),
    pressureShare: { cpu: waiting(cpu), io: waiting(io), memory: waiting(memory) },
    load: noise.load,
    frequencyHz: noise.frequencyHz,
  };
}
