import type { Noise, Sample } from '../../../contract/sample.js';
import { duration } from '../../format/numbers.js';
import { quartiles } from './points.js';

/** The canary's time of a sample over the median of all: 1.1 where the CPUs were a tenth slower. */
export interface CanaryRatio {
  readonly sampleId: string;
  readonly block: number;
  readonly ratio: number;
}

export function canaryRatios(samples: readonly Sample[]): CanaryRatio[] {
  const known = samples.flatMap(({ id, block, noise }) =>
    noise === null ? [] : [{ sampleId: id, block, canaryNs: Number(noise.canaryNs) }],
  );
  const usual = quartiles(known.map(({ canaryNs }) => canaryNs))?.median ?? 1;
  return known.map(({ sampleId, block, canaryNs }) => ({
    sampleId,
    block,
    ratio: canaryNs / usual,
  }));
}

/** What was going on, in words; what the host does not say is left out. */
export function noiseText(noise: Noise | null, canaryRatio: number | null): string {
  if (noise === null) return 'noise not recorded';
  const { cpu, io, memory } = noise.pressureNs;
  const parts = [
    canaryRatio === null ? null : `canary ×${canaryRatio.toFixed(3)}`,
    noise.stealNs === null ? null : `stolen ${duration(noise.stealNs)}`,
    cpu === null ? null : `waited for CPU ${duration(cpu)}`,
    io === null || io === '0' ? null : `for I/O ${duration(io)}`,
    memory === null || memory === '0' ? null : `for memory ${duration(memory)}`,
    noise.load === null ? null : `load ${noise.load.toFixed(2)}`,
    noise.frequencyHz === null ? null : `${(noise.frequencyHz / 1e9).toFixed(2)} GHz`,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}
