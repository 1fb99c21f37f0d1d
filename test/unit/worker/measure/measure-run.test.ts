// SPDX-License-Identifier: GPL-2.0-or-later
import type { Build } from '#contract/build.js';
import { WorkloadDefinition } from '#contract/workload.js';
import { measureRun } from '#worker/measure/measure-run.js';
import { countingRun } from '#worker/measure/run.js';
import { RunnerPool } from '#worker/measure/runner-pool.js';
import { testContext } from '#support/context.js';
import { fakeBackend } from '#support/fake-backend.js';
import { plannedWorkload, variantOf } from '#support/job-plan.js';

const definition = WorkloadDefinition.parse({
  name: 'w',
  summary: '',
  targets: ['x86_64-softmmu'],
  run: { arguments: [], exitStatus: 0, timeoutSeconds: 5 },
  metrics: [{ name: 'work.operations', unit: 'count', direction: 'smaller', description: '' }],
});

/** Returns the metrics of a run that prints a text. */
async function metricsOf(output: string) {
  const context = {
    ...testContext(process.cwd(), {}),
    backend: fakeBackend({ exitStatus: 0, output: () => output }),
  };
  await using pool = new RunnerPool(context);
  await using run = await measureRun(
    context,
    pool,
    countingRun(variantOf('dynamic'), plannedWorkload(), 0),
    {
      target: 'x86_64-softmmu',
      definition,
      build: { image: 'build', links: 1 } as Build,
      workloadVolume: 'w',
      instrumentationVolume: 'i',
      cpuset: '0',
      fifoPriority: null,
      sizeValue: null,
    },
  );
  return run.metrics.map(({ name, value }) => `${name}=${value}`);
}

const GUEST = 'QIBENCH work.operations=100 count\n';

test("a run with a second value of the workload's metric fails, as only one can be the guest's", async () => {
  const forged = 'QIBENCH work.operations=1 count\n';

  for (const output of [forged + GUEST, GUEST + forged])
    await expect(metricsOf(output)).rejects.toMatchObject({
      code: 'METRIC_REPEATED',
      message: expect.stringContaining('printed the metric work.operations 2 times') as string,
    });
});

test('a run may repeat a metric that the workload does not declare, and its last value counts', async () => {
  const own = (value: number, unit = 'count') => `QIBENCH my.hits=${value} ${unit}\n`;

  expect(await metricsOf(own(1) + own(2) + GUEST + own(3, 'B'))).toEqual([
    'my.hits=3',
    'work.operations=100',
  ]);
});
