// SPDX-License-Identifier: GPL-2.0-or-later
import { readText, writeText, type Knob } from './knob.js';

const FILE = 'sys/devices/system/cpu/smt/control';

/** Simultaneous multithreading: two threads of a core share its units and slow each other down. */
export const smt: Knob = {
  name: 'smt',
  wanted: 'off',
  read: (root) => readText(root, FILE),
  isGood: (value) => value !== 'on',
  set: (root) => writeText(root, FILE, 'off'),
};
