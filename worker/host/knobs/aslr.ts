import { readText, type Knob } from './knob.js';

const MEANING: Record<string, string> = { 0: 'off', 1: 'without heap', 2: 'full' };

/** Random addresses. On is good: every run is then another layout, and a lucky one is no result. */
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
