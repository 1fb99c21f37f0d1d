// SPDX-License-Identifier: GPL-2.0-or-later
import { filesOfCpus, readText, writeText, type Knob } from './knob.js';

const FILE = 'cpufreq/scaling_governor';

/**
 * CPU frequency governor. `performance` keeps the CPUs at their highest frequency, so that a run
 * does not begin slowly.
 */
export const governor: Knob = {
  name: 'governor',
  wanted: 'performance',
  async read(root) {
    const texts = await Promise.all(
      (await filesOfCpus(root, FILE)).map((file) => readText(root, file)),
    );
    return texts.length === 0 ? null : [...new Set(texts)].sort().join(',');
  },
  isGood: (value) => value === 'performance',
  async set(root) {
    for (const file of await filesOfCpus(root, FILE)) await writeText(root, file, 'performance');
  },
};
