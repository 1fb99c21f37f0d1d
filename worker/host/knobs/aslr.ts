// SPDX-License-Identifier: GPL-2.0-or-later
import { readText, type Knob } from './knob.js';

const MEANING: Record<string, string> = { 0: 'off', 1: 'without heap', 2: 'full' };

/**
 * Address space layout randomisation. On is good: every run has another layout, so that one lucky
 * layout cannot decide a result.
 */
export const aslr: Knob = {
  name: 'aslr',
  wanted: 'full',
  async read(root) {
    const text = await readText(root, 'proc/sys/kernel/randomize_va_space');
    return text === null ? null : (MEANING[text] ?? text);
  },
  isGood: (value) => value === 'full',
  set: 'it protects the host; turn it on with sysctl kernel.randomize_va_space=2',
};
