import { readText, writeText, type Knob } from './knob.js';

const FILE = 'sys/devices/system/cpu/smt/control';

/** Whether a core runs two threads that share its units: what one does is then the other's time. */
export const smt: Knob = {
  name: 'smt',
  wanted: 'off',
  read: (root) => readText(root, FILE),
  isGood: (value) => value !== 'on',
  set: (root) => writeText(root, FILE, 'off'),
};
