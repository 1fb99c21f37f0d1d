// SPDX-License-Identifier: GPL-2.0-or-later
import { jobPlan, onBothSides, plannedWorkload, TWO_SIDES, variantOf } from '#support/job-plan.js';
import { attempt, StoredJob, type EngineRun } from './fake-job.js';

describe('a run that reports', () => {
  const lines = (count: number, name: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => `QIBENCH ${name(index)}=1 ns\n`).join('');
  const reporting = async (text: string) => {
    const plan = jobPlan({ blocks: 1 });
    const job = new StoredJob();
    const { error } = await attempt(plan, job, { output: () => text });
    return { stored: job.stored, error };
  };
  const longName = (index: number) => `m${index}`.padEnd(250, 'x');

  test.each([
    ['32 KiB of metrics', lines(110, longName), 110],
    ['one value of a metric that is printed again and again', lines(800, () => 'm'), 1],
  ])('%s is stored', async (_, text, count) => {
    const { stored, error } = await reporting(text);

    expect([error, stored.at(-1)!.metrics.length]).toEqual([null, count]);
  });

  test.each([
    ['more bytes of metrics', lines(130, longName), 'metrics', 32_768],
    ['many short metrics', lines(2_000, (index) => `m${index}`), 'metrics', 32_768],
    [
      'more bytes of event counts',
      lines(1_100, (index) => `events.${longName(index).slice(0, 240)}`),
      'event counts',
      262_144,
    ],
  ])('%s than allowed fails, and names limit and run', async (_, text, what, limitBytes) => {
    const { stored, error } = await reporting(text);

    expect(stored).toEqual([]);
    expect(error).toMatchObject({ code: 'TOO_MANY_METRICS', kind: 'workload', retry: false });
    expect((error as Error).message).toMatch(
      new RegExp(`^w under variant none printed \\d+ bytes of ${what}, more than ${limitBytes};`),
    );
  });
});

test('the log has the output of one run of each variant with each workload', async () => {
  const variants = onBothSides([variantOf('none'), variantOf('idle')]);
  const plan = jobPlan({ sides: TWO_SIDES, variants, workloads: [plannedWorkload('w')] });
  const output = ({ variant }: EngineRun) => `histogram of ${variant}\n${'x'.repeat(10_000)}end\n`;

  const { log } = await attempt(plan, new StoredJob(), { output });

  for (const { name, side } of variants) {
    const shown = side === 'base' ? `${name}@base` : name;
    expect(
      log.split(`output of the first run of ${shown} with w:\nhistogram of ${shown}\n`),
    ).toHaveLength(2);
  }
  expect(log).toMatch(/x\n\[\d+ characters are left out\]\nx+end\n/);
});
