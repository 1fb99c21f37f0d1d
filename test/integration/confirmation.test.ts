// SPDX-License-Identifier: GPL-2.0-or-later
import { compareJob } from '#domain/comparison.js';
import { metricNamed } from '#domain/metric-values.js';
import type { Job, JobRequest } from '#contract/job.js';
import type { RunResult } from '#contract/sample.js';
import { claimJob, getJob } from '#store/jobs.js';
import { listSamples } from '#store/samples.js';
import { openStore, type Store } from '#store/store.js';
import { readWorkloads } from '#catalogue/workloads.js';
import type { Engine, ContainerSpec } from '#worker/engine/engine.js';
import { packFiles } from '#worker/build/tar.js';
import { runJob } from '#worker/job/job-runner.js';
import { fakeBackend, runsEmulator } from '#support/fake-backend.js';
import { acceptedJob, fakeWorker } from '#support/fake-worker.js';

const BLOCKS = 12;
/** Per block and in the warm-up: head and base of one variant. */
const RUNS = 2;

let store: Store;
beforeAll(async () => void (store = await openStore(process.env.TEST_DATABASE_URL!)));
afterAll(() => store.close());
const workloads = await readWorkloads(process.cwd());

/**
 * A run's report, by its side, its block (0 warms up) and a little noise that no two runs share.
 */
type Reporting = (run: {
  readonly head: boolean;
  readonly block: number;
  readonly noise: number;
}) => Partial<RunResult>;

interface Fake {
  readonly report?: Reporting;
  /** callgrind's count, by side and repetition from 1; null prints nothing. */
  readonly counted?: (run: {
    readonly head: boolean;
    readonly repetition: number;
  }) => number | null;
}

/** Runs a job whose two sides differ by the reports of their runs. */
async function done(
  details: Partial<JobRequest>,
  { report = () => ({}), counted = () => 64_000_000 }: Fake,
): Promise<{ job: Job; measured: ContainerSpec[] }> {
  const job = await acceptedJob(store, {
    blocks: BLOCKS,
    baseline: { version: '10.0' } as JobRequest['baseline'],
    // Given sizes need no search runs.
    workloads: [{ name: 'port-io', parameters: { writes: 1000 } }],
    ...details,
  });
  const { exitStatus, requiredMetrics } = workloads.find(
    ({ name }) => name === job.plan.workloads[0]!.name,
  )!.run;
  const measured: ContainerSpec[] = [];
  /** Volumes that the runner of QEMU 7.2 filled: nothing else tells that a run is of head. */
  const ofHead = new Set<string>();
  const isHead = ({ mounts }: ContainerSpec) =>
    (mounts ?? []).some(({ volume }) => ofHead.has(volume));
  const seen = { timed: 0, counted: { head: 0, base: 0 } };
  const underCallgrind = ({ command }: ContainerSpec) => command.includes('valgrind');
  const isGuest = ({ command }: ContainerSpec) => command.includes('-plugin');
  const fake = fakeBackend({
    exitStatus,
    output: (spec) => {
      const required = requiredMetrics.map((metric) => `QIBENCH ${metric}=1 unit\n`).join('');
      if (isGuest(spec)) return `${required}total insns: 1000\n`;
      if (!underCallgrind(spec)) return required;
      const value = counted({
        head: isHead(spec),
        repetition: (seen.counted[isHead(spec) ? 'head' : 'base'] += 1),
      });
      return value === null
        ? required
        : `==7== Callgrind, a profiler\n${required}==7== Collected : ${value}\n`;
    },
    result: (spec) => {
      if (!runsEmulator(spec)) return {};
      measured.push(spec);
      if (underCallgrind(spec) || isGuest(spec)) return {};
      const block = Math.floor(seen.timed++ / RUNS);
      return report({ head: isHead(spec), block, noise: (seen.timed * 7919) % 1000 });
    },
  });
  const backend: Engine = {
    ...fake,
    create(spec) {
      if (spec.image.startsWith('qibench/runner:bookworm-'))
        for (const { volume } of spec.mounts ?? []) ofHead.add(volume);
      return fake.create(spec);
    },
    copyOut: (id, path) =>
      path.endsWith('.so')
        ? Promise.resolve(
            packFiles([
              { path: path.slice(path.lastIndexOf('/') + 1), content: 'library', executable: true },
            ]),
          )
        : fake.copyOut(id, path),
  };
  await runJob(fakeWorker(store, backend), () => claimJob(store, job.id, 'fake'));
  expect(fake.left()).toEqual([]);
  return { job: (await getJob(store, job.id))!, measured };
}

/** The job's row of head against base by a metric. */
async function headRow({ id, plan }: Job, metric: string) {
  const counted = await listSamples(store, id, 'instructions');
  return compareJob(id, plan, await listSamples(store, id), {
    metric: metricNamed(metric, workloads),
    counted,
  }).sides[0];
}

const slowerUser: Reporting = ({ head, noise }) => ({
  userNs: String((head ? 1_200_000 : 1_000_000) + noise),
  wallNs: String(2_000_000 + noise),
});
const userNs = { thresholds: [{ metric: 'userNs', threshold: 0.05 }] };

test('a regression of a metric with a threshold is measured a second time, and then called one', async () => {
  const { job } = await done(userNs, { report: slowerUser });

  expect(job).toMatchObject({ state: 'succeeded', error: null, blocksDone: 2 * BLOCKS });
  expect(await listSamples(store, job.id)).toHaveLength((1 + 2 * BLOCKS) * RUNS);
  expect(await headRow(job, 'userNs')).toMatchObject({
    verdict: 'regression',
    suspected: false,
    confirmation: { verdict: 'regression', blocks: BLOCKS },
  });
  expect(await headRow(job, 'wallNs')).toMatchObject({ verdict: 'no-change' });
}, 60_000);

test('a regression that the second batch does not show is not called one', async () => {
  const { job } = await done(userNs, {
    report: (run) => slowerUser({ ...run, head: run.head && run.block <= BLOCKS }),
  });

  expect(job.blocksDone).toBe(2 * BLOCKS);
  expect(await headRow(job, 'userNs')).toMatchObject({
    verdict: 'inconclusive',
    suspected: true,
    confirmation: { verdict: 'no-change' },
  });
}, 60_000);

test(
  'no second batch follows a metric without a threshold, or any metric if the job disables ' +
    'confirmation',
  async () => {
    const [unnamed, unasked] = [
      await done({}, { report: slowerUser }),
      await done({ ...userNs, confirm: false }, { report: slowerUser }),
    ];

    expect([unnamed.job.blocksDone, unasked.job.blocksDone]).toEqual([BLOCKS, BLOCKS]);
    expect(await headRow(unasked.job, 'userNs')).toMatchObject({
      verdict: 'inconclusive',
      suspected: true,
      confirmation: null,
    });
  },
  60_000,
);

test("only measured runs can use the processor's counters", async () => {
  const { measured } = await done({}, {});

  expect(measured.length).toBe((1 + BLOCKS) * RUNS);
  expect(measured.every(({ perf }) => perf === true)).toBe(true);
}, 60_000);

describe('instructions with a threshold', () => {
  const instructions: Partial<JobRequest> = {
    instructions: true,
    thresholds: [{ metric: 'hostInstructions', threshold: 0.001 }],
  };
  const userMode: Partial<JobRequest> = {
    ...instructions,
    qemu: { version: '7.2', target: 'x86_64-linux-user' },
    workloads: [{ name: 'matmult', parameters: { size: 8 } }],
  };
  const more = ({ head, repetition }: { head: boolean; repetition: number }) =>
    (head ? 64_300_000 : 64_000_000) + (repetition % 3);

  test('are counted once per block, and once more per block to confirm', async () => {
    const { job } = await done(userMode, { counted: more });

    expect(job).toMatchObject({ state: 'succeeded', error: null, blocksDone: BLOCKS });
    const counts = (await listSamples(store, job.id, 'instructions')).filter(
      ({ hostInstructions }) => hostInstructions !== null,
    );
    expect(counts.map(({ side, batch, block }) => `${side} ${batch} ${block}`).sort()).toEqual(
      ['head', 'base']
        .flatMap((side) =>
          Array.from(
            { length: 2 * BLOCKS },
            (_, index) => `${side} ${index < BLOCKS ? 1 : 2} ${index + 1}`,
          ),
        )
        .sort(),
    );
    expect(await headRow(job, 'hostInstructions')).toMatchObject({
      verdict: 'regression',
      confirmation: { verdict: 'regression' },
    });
  }, 60_000);

  test('are counted once if they are equal', async () => {
    const { job } = await done(userMode, { counted: (run) => more({ ...run, head: false }) });

    expect(
      (await listSamples(store, job.id, 'instructions')).every(({ batch }) => batch === 1),
    ).toBe(true);
    expect(await headRow(job, 'hostInstructions')).toMatchObject({
      verdict: 'no-change',
      blocks: BLOCKS,
      confirmation: null,
    });
  }, 60_000);

  test('end the job if a run has no count', async () => {
    const { job } = await done(userMode, {
      counted: (run) => (run.repetition === 3 ? null : more(run)),
    });

    expect(job).toMatchObject({
      state: 'failed',
      error: {
        code: 'INSTRUCTIONS_NOT_COUNTED',
        kind: 'user',
        message: expect.stringContaining('hostInstructions'),
      },
    });
  }, 60_000);

  test('end the job after its warm-up if nothing can count them', async () => {
    const { job, measured } = await done(
      // A system emulator's guest whose work cannot be reduced.
      { ...instructions, workloads: [{ name: 'linux-boot', parameters: {} }] },
      {},
    );

    expect(job).toMatchObject({
      state: 'failed',
      blocksDone: 0,
      error: { code: 'INSTRUCTIONS_NOT_COUNTED' },
    });
    expect(measured).toHaveLength(RUNS);
  }, 60_000);

  test('are judged like time if the hardware counts them', async () => {
    const { job } = await done(instructions, {
      report: ({ head, noise }) => ({
        hostInstructions: String((head ? 64_300_000 : 64_000_000) + noise),
        instructionsSkipped: null,
      }),
    });

    expect(job).toMatchObject({ state: 'succeeded', blocksDone: 2 * BLOCKS });
    expect(await headRow(job, 'hostInstructions')).toMatchObject({
      verdict: 'regression',
      confirmation: { verdict: 'regression' },
    });
  }, 60_000);
});
