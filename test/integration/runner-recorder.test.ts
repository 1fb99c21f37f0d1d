// SPDX-License-Identifier: GPL-2.0-or-later
import { recorderEnvironment, recorderOf } from '#worker/measure/recorder.js';
import { openRunner, type Runner } from '#worker/measure/runner.js';
import type { RunnerRequest } from '#worker/measure/runner-protocol.js';
import { ensureRunner } from '#worker/build/images.js';
import { readVersions } from '#worker/build/versions.js';
import { testContext } from '#support/context.js';
import { variantOf } from '#support/job-plan.js';

const labels = { 'qibench.test': `runner-recorder-${process.pid}` };
const context = testContext(process.cwd(), labels);
let shared: Runner;
beforeAll(async () => {
  const { tag } = await ensureRunner(context, (await readVersions(process.cwd()))['7.2']!);
  shared = await openRunner(context, { image: tag });
}, 300_000);
afterAll(() => context.backend.sweep(labels));

const shell = (script: string, changes: Partial<RunnerRequest> = {}): RunnerRequest => ({
  command: ['sh', '-c', script],
  environment: { PATH: '/usr/bin:/bin' },
  timeoutMs: 60_000,
  outputLimitBytes: 1_000,
  cpu: null,
  stackBytes: null,
  fifoPriority: null,
  ...changes,
});

describe('a recorder', () => {
  const recorder = (before: string, after: string) => ({
    before: before === '' ? [] : ['sh', '-c', before, 'sh', 'word'],
    after: ['sh', '-c', after],
  });

  test('runs before and after the window, and what it starts goes on beside the program', async () => {
    const { result, output } = await shared.run(
      shell('echo program; cat /tmp/started; exit 3', {
        recorder: recorder(
          'echo "$1" > /tmp/started; (sleep 600 & echo $! > /tmp/id) > /dev/null',
          'echo after; kill $(cat /tmp/id) && rm /tmp/id /tmp/started',
        ),
      }),
    );

    expect(result).toMatchObject({ exitStatus: 3, error: null, leftBehind: null });
    expect(output).toBe('program\nword\nafter\n');
    expect(shared.reusable).toBe(true);
  });

  test.each([
    [
      'did not start',
      'echo why; exit 1',
      'echo after',
      'the recorder did not start: it failed',
      'why\n',
    ],
    [
      'cannot be read',
      '',
      'echo why; exit 1',
      'the recording cannot be read: it failed',
      'program\nwhy\n',
    ],
  ])(
    'that %s is an error of the result, with its output',
    async (_, before, after, error, text) => {
      const { result, output } = await shared.run(
        shell('echo program', { recorder: recorder(before, after) }),
      );

      expect(result).toMatchObject({ exitStatus: null, signal: null, error, leftBehind: null });
      expect(output).toBe(text);
      expect((await shared.run(shell('true'))).result).toMatchObject({
        exitStatus: 0,
        error: null,
      });
    },
  );
});

test('LTTng starts a session with every event that a QEMU may have', async () => {
  const variant = variantOf('backend', { backend: 'ust' });
  const { before } = recorderOf(variant)!;
  const names = 'seq 7000 | sed "s/^/an_event_with_a_long_name_/" > /tmp/names';

  const { result, output } = await shared.run(
    shell('true', {
      environment: { PATH: '/usr/bin:/bin', ...recorderEnvironment(variant) },
      recorder: {
        before: ['sh', '-c', `${names}; exec sh -c "$1" sh /tmp/names`, 'sh', before[2]!],
        after: ['sh', '-c', 'lttng list run | grep -c "qemu:an_event_"'],
      },
    }),
  );

  expect([result.error, output]).toEqual([null, '7000\n']);
}, 300_000);
