// SPDX-License-Identifier: GPL-2.0-or-later
import { openRunner, type Runner } from '#worker/measure/runner.js';
import { ensureRunner } from '#worker/build/images.js';
import { readVersions } from '#worker/build/versions.js';
import { INVOCATION_LIMITS } from '#contract/qemu-invocation.js';
import { testContext } from '#support/context.js';

const labels = { 'qibench.test': `runner-stdin-${process.pid}` };
const context = testContext(process.cwd(), labels);
let runner: Runner;
beforeAll(async () => {
  const { tag } = await ensureRunner(context, (await readVersions(process.cwd()))['7.2']!);
  runner = await openRunner(context, { image: tag });
}, 300_000);
afterAll(() => context.backend.sweep(labels));

const outputOf = async (script: string, stdin?: string) => {
  const { output, result } = await runner.run({
    command: ['sh', '-c', script],
    environment: { PATH: '/usr/bin:/bin' },
    ...(stdin === undefined ? {} : { stdin }),
    timeoutMs: 20_000,
    outputLimitBytes: 1024 * 1024,
    cpu: null,
    stackBytes: null,
    fifoPriority: null,
  });
  expect(result.leftBehind).toBeNull();
  return output;
};

test('a program reads its standard input from the beginning to the end, in every run', async () => {
  const most = 'ä'.repeat(INVOCATION_LIMITS.stdinBytes / 2);

  for (const text of ['one line\n', 'a\n\tb\r\nc', most, 'the last'])
    expect(await outputOf('cat', text)).toBe(text);
});

test('without input a program reads the end at once, also after a run that had some', async () => {
  await outputOf('read -r line', 'kept?\nmore\n');

  expect(await outputOf('cat; readlink /proc/self/fd/0')).toBe('/dev/null\n');
  expect(await outputOf('cat', '')).toBe('');
});

test('a program that writes to its input changes no later run', async () => {
  await outputOf('echo changed >&0', 'first');

  expect(await outputOf('cat', 'first')).toBe('first');
});
