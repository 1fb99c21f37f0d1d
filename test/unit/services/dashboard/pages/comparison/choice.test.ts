// SPDX-License-Identifier: GPL-2.0-or-later
import { readChoice, toggled, writeChoice } from '#dashboard/pages/comparison/choice.js';

test('a selection is written to the address and read from it', () => {
  const choice = {
    metric: 'userNs',
    workload: 'a&b=c',
    variants: ['none', 'static@base'],
    side: 'base' as const,
    with: 'other',
    mixedHosts: true,
  };
  expect(readChoice(new URLSearchParams(writeChoice(choice).toString()))).toEqual(choice);
});

test('the default selection is an empty address', () => {
  expect(writeChoice(readChoice(new URLSearchParams())).toString()).toBe('');
});

test('an unknown side in the address is ignored', () => {
  expect(readChoice(new URLSearchParams('side=left')).side).toBeNull();
});

test('a variant is switched off and on again; the last one stays on', () => {
  const all = ['none', 'idle', 'static'];
  expect(toggled([], 'idle', all)).toEqual(['none', 'static']);
  expect(toggled(['none', 'static'], 'idle', all)).toEqual([]);
  expect(toggled(['none'], 'none', all)).toEqual(['none']);
});
