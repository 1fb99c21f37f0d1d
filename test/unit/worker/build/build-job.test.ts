// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from '#contract/job.js';
import { shownVariant } from '#contract/side.js';
import { readWorkloads } from '#catalogue/workloads.js';
import { buildJob, definitionOf, type Prepared } from '#worker/build/build-job.js';
import { LABEL, type ContainerSpec } from '#worker/engine/engine.js';
import type { JobContext } from '#worker/job/job-context.js';
import { measureRun } from '#worker/measure/measure-run.js';
import { countingRun } from '#worker/measure/run.js';
import { RunnerPool } from '#worker/measure/runner-pool.js';
import { testContext } from '#support/context.js';
import { fakeBackend } from '#support/fake-backend.js';
import { PORT_IO_STATUS } from '#support/fake-worker.js';
import { jobPlan, onBothSides, plannedWorkload, TWO_SIDES, variantOf } from '#support/job-plan.js';

const JOB_ID = '01234567-89ab-4cde-8f01-23456789abcd';
const VARIANTS = onBothSides([
  variantOf('none', { name: 'plain' }),
  variantOf('backend', { name: 'logged', backend: 'log' }),
]);
const PLAN = jobPlan({
  sides: TWO_SIDES,
  variants: VARIANTS,
  workloads: [plannedWorkload('port-io')],
});

let lockFolder: string;
beforeAll(() => {
  lockFolder = mkdtempSync(join(tmpdir(), 'qibench-build-job-'));
});
afterAll(() => rmSync(lockFolder, { recursive: true }));

/** Builds a job on an engine that has every image. */
async function built(): Promise<{
  job: JobContext;
  prepared: Prepared;
  containers: ContainerSpec[];
  sides: string[];
}> {
  const containers: ContainerSpec[] = [];
  const sides: string[] = [];
  const backend = fakeBackend({ exitStatus: PORT_IO_STATUS });
  const create = (spec: ContainerSpec) => {
    containers.push(spec);
    return backend.create(spec);
  };
  const labels = { [LABEL.job]: JOB_ID, [LABEL.epoch]: '3' };
  const job = {
    context: {
      ...testContext(process.cwd(), labels),
      backend: { ...backend, create },
      lockFolder,
    },
    job: { id: JOB_ID, epoch: 3, plan: PLAN, request: {} } as Job,
    workloads: await readWorkloads(process.cwd()),
    uploads: new Map(),
    results: { build: async ({ side }: { side: string }) => void sides.push(side) },
  } as unknown as JobContext;
  return { job, prepared: await buildJob(job), containers, sides };
}

test("nothing in a run's container tells its side, its variant or its job", async () => {
  const { job, prepared, containers } = await built();
  containers.length = 0;
  await using pool = new RunnerPool(job.context);
  for (const variant of VARIANTS) {
    const { build, volume } = prepared.variants.get(shownVariant(variant))!;
    await using _run = await measureRun(
      job.context,
      pool,
      countingRun(variant, PLAN.workloads[0]!, 0),
      {
        target: 'x86_64-softmmu',
        definition: definitionOf(job, PLAN.workloads[0]!),
        build,
        workloadVolume: prepared.workloadVolumes.get('port-io')!,
        instrumentationVolume: volume,
        cpuset: '0',
        fifoPriority: null,
        sizeValue: null,
      },
    );
  }

  const runs = containers.filter(({ command }) => command[0] === 'qibench-run');
  expect(runs).toHaveLength(VARIANTS.length);
  for (const { labels: _labels, image: _image, ...seen } of runs) {
    for (const { volume } of seen.mounts!) expect(volume).toMatch(/^qibench-[0-9a-f-]{36}$/);
    expect(JSON.stringify(seen)).not.toMatch(new RegExp(`head|base|plain|logged|${JOB_ID}`));
  }
  expect(new Set(runs.map(({ mounts }) => mounts![1]!.volume)).size).toBe(VARIANTS.length);
});

test('the sides are built in random order', async () => {
  const first = new Set<string>();
  for (let round = 0; round < 64 && first.size < 2; round += 1)
    first.add((await built()).sides[0]!);

  expect([...first].sort()).toEqual(['base', 'head']);
});
