import {
  readChoice,
  toggled,
  writeChoice,
} from '../../../../services/dashboard/pages/comparison/choice.js';

test('what is chosen is in the address and read from it again', () => {
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

test('nothing chosen is an empty address', () => {
  expect(writeChoice(readChoice(new URLSearchParams())).toString()).toBe('');
});

test('a side that there is not is no choice', () => {
  expect(readChoice(new URLSearchParams('side=left')).side).toBeNull();
});

test('a variant is switched off and on again, and the last one stays', () => {
  const all = ['none', 'idle', 'static'];
  expect(toggled([], 'idle', all)).toEqual(['none', 'static']);
  expect(toggled(['none', 'static'], 'idle', all)).toEqual([]);
  expect(toggled(['none'], 'none', all)).toEqual(['none']);
});
