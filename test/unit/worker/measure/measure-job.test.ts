// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';
import type { Sample } from '#contract/sample.js';
import {
  jobPlan,
  onBothSides,
  plannedWorkload,
  planUntilDecided,
  TWO_SIDES,
  variantOf,
} from '#support/job-plan.js';
import { attempt, StoredJob, type EngineRun, type FakeAttempt } from './fake-job.js';

const BOTH = onBothSides([variantOf('none'), variantOf('idle')]);
const isBase = ({ variant }: EngineRun) => variant.endsWith('@base');
const SIZE = { parameter: 'n', empty: 1, full: null, minimum: 1, maximum: 1_000_000 };

/** A plan until decided of a job with a base and workloads of these names. */
const planOf = (...workloads: string[]): JobPlan =>
  planUntilDecided({
    sides: TWO_SIDES,
    variants: BOTH,
    workloads: workloads.map((label) => plannedWorkload(label)),
  });
/** Head takes `times` times the time of base. */
const ratio =
  (times: number) =>
  (run: EngineRun): number =>
    isBase(run) ? 1 : times;
/** The slower side changes from link to link, so that no number of blocks decides. */
const evenChances = (run: EngineRun): number => (isBase(run) ? 1 : run.link! % 2 === 0 ? 1.1 : 0.9);

async function measured(plan: JobPlan, options: FakeAttempt = {}) {
  const job = new StoredJob();
  const result = await attempt(plan, job, options);
  return { job, ...result };
}
/** The runs of measured blocks, without their durations. */
const sequenceOf = ({ stored }: StoredJob) =>
  stored
    .filter(({ kind, block }) => kind === 'timed' && block > 0)
    .sort((a, b) => a.block - b.block || a.position - b.position)
    .map(({ startedAt: _startedAt, id: _id, ...sample }) => sample);
const blocksOf = (samples: readonly Sample[]) =>
  Object.fromEntries(
    [...new Set(samples.map(({ block }) => block))].map((block) => [
      block,
      samples.filter((sample) => sample.block === block).length,
    ]),
  );

describe('a job that measures until its comparisons are decided', () => {
  test.each([
    [1, 16],
    [1.1, 20], // a difference among several comparisons needs more evidence
    [0.9, 20],
  ])(
    'ends once head has taken %d times as long as base in each of %d blocks',
    async (times, blocks) => {
      const { job, error, left } = await measured(planOf('w'), { wallMs: ratio(times) });

      expect([error, job.blocksDone]).toEqual([null, blocks]);
      expect(job.progress.at(-1)).toMatchObject({ blocks, undecided: 0, remainingSeconds: 0 });
      expect(left).toEqual([]);
    },
  );

  test('runs a decided comparison no more, until the time is spent', async () => {
    const plan = { ...planOf('decided', 'open'), withinSeconds: 200 };
    const seconds = (run: EngineRun) =>
      10_000 * (run.workload === 'decided' ? ratio(1)(run) : evenChances(run));

    const { job } = await measured(plan, { wallMs: seconds });

    const lastBlock = (workload: string) =>
      Math.max(...job.stored.filter((sample) => sample.workload === workload).map((s) => s.block));
    expect(lastBlock('decided')).toBe(16);
    expect(lastBlock('open')).toBe(job.blocksDone);
    expect(job.blocksDone).toBeGreaterThan(16);
    expect(job.progress.at(-1)).toMatchObject({ undecided: 2, remainingSeconds: 0 });
  });

  test('ends after the block in which its time is spent, regardless of decisions', async () => {
    const plan = { ...planOf('w'), withinSeconds: 100 };

    const { job, error } = await measured(plan, { wallMs: () => 60_000 });

    expect([error, job.blocksDone]).toEqual([null, 2]);
  });

  test('continues as if undisturbed, wherever its worker is killed', async () => {
    const plan = { ...planOf('decided', 'open'), blocks: 40 };
    const wallMs = (run: EngineRun) =>
      run.workload === 'decided' ? ratio(1.1)(run) : evenChances(run);
    const undisturbed = await measured(plan, { wallMs });
    expect(undisturbed.job.blocksDone).toBe(40);

    for (const killedInRun of [1, 3, 9, 12, 100, 141, 170, 230]) {
      const { job, error } = await measured(plan, { wallMs, killedInRun });
      expect(error).toMatchObject({ message: 'the worker is killed' });
      await attempt(plan, job, { wallMs });

      expect(sequenceOf(job)).toEqual(sequenceOf(undisturbed.job));
    }
  });
});

describe('a block', () => {
  test('is stored completely or not at all', async () => {
    const plan = jobPlan({ sides: TWO_SIDES, variants: BOTH });

    for (const [killedInRun, blocks] of [
      [4, {}],
      [5, { 0: 4 }],
      [15, { 0: 4, 1: 4, 2: 4 }],
    ] as const) {
      const { job, left } = await measured(plan, { killedInRun });
      expect(blocksOf(job.stored)).toEqual(blocks);
      expect(left).toEqual([]);
    }
  });

  test('runs with its draw: its link, its CPU, its places in memory', async () => {
    const { job, runs } = await measured(jobPlan({ sides: TWO_SIDES, variants: BOTH, links: 4 }));

    const timed = sequenceOf(job);
    expect(timed.map(({ block, link }) => [block, link])).toEqual(
      timed.map(({ block }) => [block, (block - 1) % 4]),
    );
    expect(runs.slice(4).map(({ link }) => link)).toEqual(timed.map(({ link }) => link));
    for (let block = 1; block <= 6; block += 1)
      expect(
        new Set(timed.filter((sample) => sample.block === block).map(({ cpus }) => cpus)).size,
      ).toBe(1);
    expect(new Set(timed.map(({ cpus }) => cpus)).size).toBeGreaterThan(1);
    expect(timed.every(({ cpus }) => /^[2-5]$/.test(cpus))).toBe(true);
    expect(new Set(timed.map(({ stackBytes }) => stackBytes)).size).toBeGreaterThan(
      timed.length / 2,
    );
  });
});

describe('a fixed number of blocks', () => {
  const plan = jobPlan({ sides: TWO_SIDES, variants: BOTH, batches: 2 });

  test('is measured, and followed by a second batch if the first calls a regression', async () => {
    const job = new StoredJob();
    await attempt(plan, job);
    expect(job.blocksDone).toBe(6);

    job.suspects = true;
    await attempt(plan, job);
    expect(job.blocksDone).toBe(12);
    expect(sequenceOf(job).map(({ block, batch }) => [block, batch])).toEqual(
      sequenceOf(job).map(({ block }) => [block, block <= 6 ? 1 : 2]),
    );
  });
});

describe('a traced run', () => {
  const plan = jobPlan({
    blocks: 8,
    variants: [variantOf('none'), variantOf('backend', { backend: 'simple', trace: true })],
  });
  const tracesOf = ({ stored }: StoredJob) =>
    blocksOf(stored.filter(({ traceId }) => traceId !== null));

  test('is stored with its trace in the first measured blocks, later ones without', async () => {
    const { job, left } = await measured(plan);

    expect(tracesOf(job)).toEqual({ 1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1 });
    expect(blocksOf(job.stored)).toEqual(
      Object.fromEntries(Array.from({ length: 9 }, (_, block) => [block, 2])),
    );
    expect(job.stored.find(({ traceId }) => traceId !== null)!.traceId).toBe('trace of 1 records');
    expect(left).toEqual([]);
  });

  test('is discarded with a block that is not stored', async () => {
    const job = new StoredJob();
    job.lostBlock = 3;
    const { error } = await attempt(plan, job);
    expect(error).toMatchObject({ message: 'the block is lost' });
    expect(blocksOf(job.stored)).toEqual({ 0: 2, 1: 2, 2: 2, 3: 1 });

    job.lostBlock = null;
    await attempt(plan, job);

    expect(blocksOf(job.stored)).toEqual(
      Object.fromEntries(Array.from({ length: 9 }, (_, block) => [block, 2])),
    );
    expect(tracesOf(job)).toEqual({ 1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1 });
  });
});

describe('the size of a workload', () => {
  const workloads = [plannedWorkload('w', { parameters: { n: 1_000 }, size: SIZE })];
  const plan = jobPlan({ workloads, variants: [variantOf('none'), variantOf('idle')] });
  const wallMs =
    (msPerUnit: number) =>
    ({ value }: EngineRun) =>
      10 + value * msPerUnit;

  test(
    'is chosen by the baseline before the first block; without a base, empty and middle sizes ' +
      'run too',
    async () => {
      const { job, runs } = await measured(plan, { wallMs: wallMs(0.01) });

      expect(runs[0]).toEqual({
        variant: 'none',
        workload: 'w',
        link: null,
        value: 1,
        wrapper: null,
      });
      expect(new Set(job.stored.map(({ size, sizeValue }) => `${size} ${sizeValue}`))).toEqual(
        new Set(['empty 1', 'middle 3251', 'full 6500']),
      );
      expect(
        new Set(job.stored.filter(({ size }) => size === 'middle').map(({ block }) => block)),
      ).toEqual(new Set([0, 4]));
    },
  );

  test('stays the same in a later attempt, which may find the host faster', async () => {
    const { job } = await measured(plan, { wallMs: wallMs(0.01), killedInRun: 30 });
    expect(job.blocksDone).toBeGreaterThan(0);

    const { runs } = await attempt(plan, job, { wallMs: wallMs(0.001) });

    expect(new Set(runs.map(({ value }) => value))).toEqual(new Set([1, 3_251, 6_500]));
  });
});

describe('instructions', () => {
  const scaled = plannedWorkload('w', { parameters: { n: 7 }, size: { ...SIZE, full: 500 } });
  const plan = jobPlan({ variants: [variantOf('none'), variantOf('idle')], workloads: [scaled] });
  const output = ({ variant, wrapper, value }: EngineRun) => {
    if (variant.includes('guest-instructions')) return 'total insns: 99\n';
    return wrapper === 'valgrind' ? `==7== Callgrind, \n==7== Collected : ${1_000 + value}\n` : '';
  };
  const judged = { ...plan, thresholds: [{ metric: 'hostInstructions', threshold: 0.001 }] };
  const countsOf = ({ stored }: StoredJob) =>
    stored
      .filter(({ kind }) => kind === 'instructions')
      .map(({ block, position, variant, sizeValue, hostInstructions, guestInstructions }) =>
        [block, position, variant, sizeValue, hostInstructions ?? guestInstructions].join(' '),
      );

  test(
    "of a user-mode guest are counted at full size after the blocks: the guest's once, QEMU's " +
      'twice',
    async () => {
      const { job } = await measured(plan, {
        target: 'x86_64-linux-user',
        instructions: true,
        output,
      });

      expect(countsOf(job)).toEqual([
        '0 0 none 500 99',
        '1 0 none 500 1500',
        '1 1 idle 500 1500',
        '2 0 none 500 1500',
        '2 1 idle 500 1500',
      ]);
      expect(job.blocksDone).toBe(6);
    },
  );

  test('of a system guest are counted with the part of its work that callgrind can run', async () => {
    const { job } = await measured(plan, { instructions: true, output });

    expect(countsOf(job)).toEqual([
      '0 0 none 500 99',
      '1 0 none 11 1011',
      '1 1 idle 11 1011',
      '2 0 none 11 1011',
      '2 1 idle 11 1011',
    ]);
  });

  test('are counted again by the attempt after one killed while counting', async () => {
    const options = { target: 'x86_64-linux-user', instructions: true, output } as const;
    const undisturbed = await measured(plan, options);
    const { job } = await measured(plan, {
      ...options,
      killedInRun: undisturbed.runs.length - 1,
    });

    await attempt(plan, job, options);

    expect(countsOf(job)).toEqual(countsOf(undisturbed.job));
  });

  test('are not counted separately if the hardware counts them in every run, and the log says so', async () => {
    const { job, log } = await measured(plan, {
      target: 'x86_64-linux-user',
      instructions: true,
      output,
      result: () => ({ hostInstructions: '5', instructionsSkipped: null }),
    });

    expect(countsOf(job)).toEqual(['0 0 none 500 99']);
    expect(log).toContain('not counted separately: the hardware counted them in every run');
  });

  test(
    'that are judged are counted once per block, and once more per block if those call a ' +
      'regression',
    async () => {
      const job = new StoredJob();
      job.suspects = true;
      await attempt({ ...judged, batches: 2 }, job, {
        target: 'x86_64-linux-user',
        instructions: true,
        output,
      });

      const counted = job.stored.filter(({ hostInstructions }) => hostInstructions !== null);
      expect(blocksOf(counted)).toEqual(
        Object.fromEntries(Array.from({ length: 12 }, (_, index) => [index + 1, 2])),
      );
    },
  );

  test('that are judged and cannot be counted end the job after its warm-up', async () => {
    const whole = { ...judged, workloads: [plannedWorkload('w', { parameters: { n: 7 } })] };

    const { job, error, runs } = await measured(whole, { instructions: true, output });

    expect(error).toMatchObject({ code: 'INSTRUCTIONS_NOT_COUNTED' });
    expect([Object.keys(blocksOf(job.stored)), runs.length]).toEqual([['0'], 2]);
  });

  test(
    'of a run that fails under the counter are skipped and reported; if they are judged, the ' +
      'job ends',
    async () => {
      const options: FakeAttempt = {
        target: 'x86_64-linux-user',
        instructions: true,
        output,
        result: ({ wrapper }) => ({ exitStatus: wrapper === null ? 0 : 1 }),
      };

      const tolerated = await measured(plan, options);
      expect([tolerated.error, countsOf(tolerated.job)]).toEqual([null, ['0 0 none 500 99']]);
      expect(tolerated.log).toContain('instructions of w under none are not counted');
      expect((await measured(judged, options)).error).toMatchObject({ code: 'RUN_FAILED' });
    },
  );
});
