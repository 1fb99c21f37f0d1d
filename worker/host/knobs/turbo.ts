// SPDX-License-Identifier: GPL-2.0-or-later
import { readText, writeText, type Knob } from './knob.js';

const INTEL = 'sys/devices/system/cpu/intel_pstate/no_turbo';
const OTHERS = 'sys/devices/system/cpu/cpufreq/boost';

/**
 * Frequencies above the nominal one. Heat and the load of the other cores decide how long they
 * last, not the run.
 */
export const turbo: Knob = {
  name: 'turbo',
  wanted: 'off',
  async read(root) {
    const intel = await readText(root, INTEL);
    if (intel !== null) return intel === '1' ? 'off' : 'on';
    const boost = await readText(root, OTHERS);
    return boost === null ? null : boost === '0' ? 'off' : 'on';
  },
  isGood: (value) => value === 'off',
  async set(root) {
    if ((await readText(root, INTEL)) !== null) await writeText(root, INTEL, '1');
    else await writeText(root, OTHERS, '0');
  },
};
