// SPDX-License-Identifier: GPL-2.0-or-later
import type { Build } from '#contract/build.js';
import type { RunResult } from '#contract/sample.js';
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

/** The same workload with a region of interest. */
const withRegion = WorkloadDefinition.parse({
  ...definition,
  run: { ...definition.run, region: { begin: 'begin it', end: 'end it' } },
});

/** Returns the metrics of a run that prints a text. */
async function metricsOf(
  output: string,
  { of = definition, region }: { of?: WorkloadDefinition; region?: RunResult['region'] } = {},
) {
  const context = {
    ...testContext(process.cwd(), {}),
    backend: fakeBackend({
      exitStatus: 0,
      output: () => output,
      result: () => (region === undefined ? {} : { region }),
    }),
  };
  await using pool = new RunnerPool(context);
  await using run = await measureRun(
    context,
    pool,
    countingRun(variantOf('dynamic'), plannedWorkload(), 0),
    {
      target: 'x86_64-softmmu',
      definition: of,
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

test('time and instructions of a region are metrics, before the metrics of the guest', async () => {
  const region = { wallNs: '75000000', cpuNs: '74000000', hostInstructions: null };
  const counted = { ...region, hostInstructions: '9000' };

  expect(await metricsOf(GUEST, { of: withRegion, region })).toEqual([
    'region.wallNs=75000000',
    'region.cpuNs=74000000',
    'work.operations=100',
  ]);
  expect(await metricsOf(GUEST, { of: withRegion, region: counted })).toContain(
    'region.hostInstructions=9000',
  );
});

test('a run without the texts of its region fails, and so does one that prints its figures', async () => {
  const region = { wallNs: '1', cpuNs: '1', hostInstructions: null };

  await expect(metricsOf(GUEST, { of: withRegion })).rejects.toMatchObject({
    code: 'REGION_MISSING',
  });
  await expect(
    metricsOf(`${GUEST}QIBENCH region.wallNs=5 ns\n`, { of: withRegion, region }),
  ).rejects.toMatchObject({ code: 'METRIC_REPEATED' });
});
