// SPDX-License-Identifier: GPL-2.0-or-later
import {
  INVOCATION_LIMITS,
  mergedInvocation,
  QemuInvocation,
  wordsBeforeProgram,
} from '#contract/qemu-invocation.js';

const broken = (invocation: unknown) =>
  (QemuInvocation.safeParse(invocation).error?.issues ?? []).map(({ path }) => path.join('.'));

test.each([
  ['-m', true],
  ['64M', true],
  ['', true],
  ['-device', true],
  ['{"driver":"file","filename":"/workload/disk"}', true],
  ['-drive file=/etc/passwd', true],
  ['-no-reboot', true],
  ['-debugcon', true],
  ['-trace', false],
  ['--trace', false],
  ['-D', false],
  ['-d', false],
  ['--plugin', false],
  ['-instr', false],
  ['{smp}', true],
  ['-{option}', false],
  ['-tr{option}', false],
  ['a\nb', false],
  ['a\0b', false],
  ['\u202e', false],
  ['\ud800', false],
])('the argument %j is accepted: %s', (argument, accepted) => {
  expect(broken({ arguments: [argument] })).toEqual(accepted ? [] : ['arguments.0']);
});

test('the number of arguments and of variables is limited, and so are their bytes together', () => {
  const words = (count: number) => Array<string>(count).fill('x');
  const variables = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`V${index}`, '']));
  const { arguments: most, variables: mostVariables, bytes } = INVOCATION_LIMITS;

  expect(broken({ arguments: words(most), environment: variables(mostVariables) })).toEqual([]);
  expect(broken({ arguments: words(most + 1) })).toEqual(['arguments']);
  expect(broken({ environment: variables(mostVariables + 1) })).toEqual(['environment']);
  expect(broken({ arguments: ['x'.repeat(bytes)] })).toEqual([]);
  expect(broken({ arguments: ['x'.repeat(bytes), ''] })).toEqual(['']);
  expect(broken({ arguments: ['ä'.repeat(bytes / 2 + 1)] })).toEqual(['']);
});

test('standard input may have several lines, no NUL, and a limit in bytes', () => {
  expect(broken({ stdin: 'a\n\tb\u001b' })).toEqual([]);
  expect(broken({ stdin: 'a\0' })).toEqual(['stdin']);
  expect(broken({ stdin: 'x'.repeat(INVOCATION_LIMITS.stdinBytes) })).toEqual([]);
  expect(broken({ stdin: `x${'ä'.repeat(INVOCATION_LIMITS.stdinBytes / 2)}` })).toEqual(['stdin']);
});

test('variables that stand for options of the mode are refused, and others are not', () => {
  expect(broken({ environment: { LD_PRELOAD: '/workload/x.so', QEMU_CPU: 'max' } })).toEqual([]);
  for (const name of ['QEMU_TRACE', 'QEMU_LOG', 'QIBENCH_PADDING', 'A=B', '1A', ''])
    expect(broken({ environment: { [name]: 'x' } })).toEqual([`environment.${name}`]);
});

test('invocations are merged from the general to the special', () => {
  expect(
    mergedInvocation(
      { arguments: ['-m', '64M'], environment: { A: '1', B: '1' }, stdin: 'job' },
      undefined,
      { arguments: ['-m', '128M'], environment: { B: '2' } },
    ),
  ).toEqual({
    arguments: ['-m', '64M', '-m', '128M'],
    environment: { A: '1', B: '2' },
    stdin: 'job',
  });
  expect(mergedInvocation({ stdin: 'job' }, { stdin: '' })).toEqual({ stdin: '' });
  expect(mergedInvocation(undefined, {}, { arguments: [] })).toBeUndefined();
});

test.each([
  [['/workload/guest', '-d', '3'], []],
  [
    ['-cpu', 'max', '/workload/guest', '-D', 'x'],
    ['-cpu', 'max'],
  ],
  [
    ['-L', '/usr', '-d', 'cpu', '/workload/guest', '-D'],
    ['-L', '/usr', '-d', 'cpu'],
  ],
  // An option without a value: the program may be taken for its value, but no word after it.
  [
    ['-strace', '/workload/guest', 'run', '-D'],
    ['-strace', '/workload/guest'],
  ],
  [
    ['-strace', '-d', 'cpu', '/workload/guest'],
    ['-strace', '-d', 'cpu'],
  ],
  [['-strace'], ['-strace']],
  [[], []],
])('of %j, the words %j precede the program', (words, before) => {
  expect(wordsBeforeProgram(words)).toEqual(before);
});
