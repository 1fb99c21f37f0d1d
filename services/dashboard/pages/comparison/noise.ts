// SPDX-License-Identifier: GPL-2.0-or-later
import type { Noise } from '#contract/sample.js';
import { duration } from '../../format/numbers.js';

/** Describes a run's noise in words; leaves out figures that the host does not report. */
export function noiseText(noise: Noise | null): string {
  if (noise === null) return 'noise not recorded';
  const { cpu, io, memory } = noise.pressureNs;
  const parts = [
    noise.stealNs === null ? null : `stolen ${duration(noise.stealNs)}`,
    cpu === null ? null : `waited for CPU ${duration(cpu)}`,
    io === null || io === '0' ? null : `for I/O ${duration(io)}`,
    memory === null || memory === '0' ? null : `for memory ${duration(memory)}`,
    noise.load === null ? null : `load ${noise.load.toFixed(2)}`,
    noise.frequencyHz === null ? null : `${(noise.frequencyHz / 1e9).toFixed(2)} GHz`,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}
