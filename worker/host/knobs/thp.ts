// SPDX-License-Identifier: GPL-2.0-or-later
import { chosenOf, readText, writeText, type Knob } from './knob.js';

const FILE = 'sys/kernel/mm/transparent_hugepage/enabled';

/**
 * Transparent huge pages. With `always`, the fragmentation of memory decides whether a run gets
 * them.
 */
export const thp: Knob = {
  name: 'thp',
  wanted: 'madvise or never',
  async read(root) {
    const text = await readText(root, FILE);
    return text === null ? null : chosenOf(text);
  },
  isGood: (value) => value !== 'always',
  set: (root) => writeText(root, FILE, 'madvise'),
};
