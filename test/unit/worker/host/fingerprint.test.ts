// SPDX-License-Identifier: GPL-2.0-or-later
import { withDigest } from '#worker/host/fingerprint.js';

const facts = {
  cpuModel: 'CPU',
  cpuFlags: 'f',
  microcode: '1',
  cores: 2,
  memoryBytes: 1,
  kernel: '6.1',
  docker: '20',
  runtime: '1',
  cpuset: '1',
  knobs: [{ name: 'smt' as const, value: 'off', status: 'already' as const, reason: null }],
  environments: [
    { base: 'b1', runner: 'r1', compiler: 'cc 12' },
    { base: 'b2', runner: 'r2', compiler: 'cc 14' },
  ],
};
const digest = (changes: Partial<typeof facts> = {}) => withDigest({ ...facts, ...changes }).digest;

test("a host's fingerprint does not depend on who set a knob or on the order of lists", () => {
  expect(digest()).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(
    digest({ knobs: [{ name: 'smt', value: 'off', status: 'set' as never, reason: null }] }),
  ).toBe(digest());
  expect(digest({ environments: [...facts.environments].reverse() })).toBe(digest());
});

test.each([
  ['CPU', { cpuModel: 'other' }],
  ['kernel', { kernel: '6.2' }],
  ['set of measuring CPUs', { cpuset: '0-1' }],
  ['Docker', { docker: '21' }],
  ['state of a knob', { knobs: [{ ...facts.knobs[0]!, value: 'on' }] }],
  [
    'image of the runs',
    { environments: [{ ...facts.environments[0]!, runner: 'r3' }, facts.environments[1]!] },
  ],
  [
    'compiler',
    { environments: [{ ...facts.environments[0]!, compiler: 'cc 13' }, facts.environments[1]!] },
  ],
])('another %s gives another fingerprint', (_, changes) => {
  expect(digest(changes)).not.toBe(digest());
});
