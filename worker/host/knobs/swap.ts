// SPDX-License-Identifier: GPL-2.0-or-later
import { readText, type Knob } from './knob.js';

/** Swap space. Measured runs never swap, but swapping by other programs disturbs them. */
export const swap: Knob = {
  name: 'swap',
  wanted: 'none',
  async read(root) {
    const text = await readText(root, 'proc/swaps');
    if (text === null) return null;
    const count = text
      .split('\n')
      .slice(1)
      .filter((line) => line.trim() !== '').length;
    return count === 0 ? 'none' : `${count} in use`;
  },
  isGood: (value) => value === 'none',
  set: 'turning swap off can end other programs of the host',
};
