// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';
import {
  comparisonsOf,
  linksPerBuild,
  middleSize,
  scheduleBlock,
  type ComparisonName,
  type ScheduledRun,
} from '#domain/schedule.js';
import {
  jobPlan,
  onBothSides,
  plannedWorkload,
  planUntilDecided,
  TWO_SIDES,
  variantOf,
} from '#support/job-plan.js';

const MODES = [variantOf('none'), variantOf('idle'), variantOf('dynamic')];
const WORKLOADS = [plannedWorkload('a'), plannedWorkload('b')];
const withBase = (details: Partial<JobPlan> = {}) =>
  planUntilDecided({
    sides: TWO_SIDES,
    variants: onBothSides(MODES),
    workloads: WORKLOADS,
    ...details,
  });
const withoutBase = (details: Partial<JobPlan> = {}) =>
  planUntilDecided({ variants: MODES, workloads: WORKLOADS, ...details });
const SIZE = { parameter: 'n', empty: 1, full: 1000, minimum: 1, maximum: 5000 };

const groupsOf = (runs: readonly ScheduledRun[]): ScheduledRun[][] => {
  const groups: ScheduledRun[][] = [];
  for (const run of runs) (groups[run.group] ??= []).push(run);
  return groups;
};
const order = (runs: readonly ScheduledRun[]) => runs.map(({ variant }) => variant).join(' ');
const blocksOf = (plan: JobPlan, count: number) =>
  Array.from({ length: count }, (_, index) => scheduleBlock(plan, index + 1));
const allBut =
  (...decided: readonly string[]) =>
  ({ about, variant, workload }: ComparisonName) =>
    !decided.includes(`${about} ${variant} ${workload}`);

describe('a block of a job with a base', () => {
  test('runs head and base of every variant next to each other, one workload at a time', () => {
    const runs = scheduleBlock(withBase(), 3);

    expect(runs.map(({ position }) => position)).toEqual(runs.map((_, index) => index));
    const pairs = groupsOf(runs);
    expect(pairs).toHaveLength(6);
    for (const pair of pairs) {
      expect(pair.map(({ side }) => side).sort()).toEqual(['base', 'head']);
      expect(new Set(pair.map(({ variant, workload }) => `${variant} ${workload}`)).size).toBe(1);
      expect(pair[1]!.position - pair[0]!.position).toBe(1);
    }
    expect(new Set(runs.slice(0, 6).map(({ workload }) => workload)).size).toBe(1);
  });

  test('draws the order of every pair with a fair coin, for every seed', () => {
    const headFirst = (seed: number) =>
      blocksOf(withBase({ seed }), 40)
        .flatMap(groupsOf)
        .filter(([first]) => first!.side === 'head').length;
    const counts = Array.from({ length: 30 }, (_, seed) => headFirst(seed));

    // 240 coins a seed, 7200 in all: four standard deviations.
    for (const count of counts) expect(Math.abs(count - 120)).toBeLessThan(31);
    expect(Math.abs(counts.reduce((sum, count) => sum + count) - 3600)).toBeLessThan(170);
  });

  test('draws new coins for the next block', () => {
    const first = blocksOf(withBase(), 64).map((runs) => groupsOf(runs)[0]![0]!.side);

    const repeats = first.filter((side, index) => index > 0 && side === first[index - 1]).length;
    expect(repeats).toBeGreaterThan(16);
    expect(repeats).toBeLessThan(47);
  });

  test('omits a pair whose comparisons are all decided, and keeps the baseline for a change', () => {
    const plan = withBase({ workloads: [plannedWorkload('a')] });
    const variants = (...decided: string[]) =>
      [...new Set(scheduleBlock(plan, 5, allBut(...decided)).map(({ variant }) => variant))].sort();

    expect(variants('variant idle a')).toEqual(['dynamic', 'idle', 'none']);
    expect(variants('variant idle a', 'change idle a')).toEqual(['dynamic', 'none']);
    expect(variants('variant none a')).toEqual(['dynamic', 'idle', 'none']);
    expect(variants('variant none a', 'change idle a', 'change dynamic a')).toEqual([
      'dynamic',
      'idle',
    ]);
    expect(scheduleBlock(plan, 5, () => false)).toEqual([]);
  });

  test('has only the full size', () => {
    const plan = withBase({ workloads: [plannedWorkload('a', { size: SIZE })] });

    expect(scheduleBlock(plan, 4).every(({ size }) => size === 'full')).toBe(true);
  });
});

describe('a block of a job without a base', () => {
  test('gives two variants a shared baseline run, and each order of the three equal frequency', () => {
    const orders = blocksOf(withoutBase({ workloads: [plannedWorkload('a')] }), 120).map(order);
    const counts = new Map<string, number>();
    for (const found of orders) counts.set(found, (counts.get(found) ?? 0) + 1);

    expect(counts.size).toBe(6);
    expect(Math.min(...counts.values())).toBeGreaterThan(8);
  });

  test('gives a leftover variant its own baseline run, on either side', () => {
    const plan = jobPlan({ variants: [...MODES, variantOf('static')] });
    const groups = blocksOf(plan, 40).map(groupsOf);

    for (const [three, two] of groups) {
      expect(three).toHaveLength(3);
      expect(three!.filter(({ variant }) => variant === 'none')).toHaveLength(1);
      expect(two).toHaveLength(2);
    }
    expect(
      new Set(groups.map(([, two]) => two!.findIndex(({ variant }) => variant === 'none'))),
    ).toEqual(new Set([0, 1]));
  });

  test('omits variants whose overhead is decided', () => {
    const plan = withoutBase({ workloads: [plannedWorkload('a')] });

    expect(
      scheduleBlock(plan, 5, allBut('overhead idle a'))
        .map(({ variant }) => variant)
        .sort(),
    ).toEqual(['dynamic', 'none']);
    expect(scheduleBlock(plan, 5, () => false)).toEqual([]);
  });

  test('runs the empty size before the full one, and a middle one in every fourth block', () => {
    const plan = withoutBase({ workloads: [plannedWorkload('a', { size: SIZE })] });
    const sizes = (block: number) => [
      ...new Set(scheduleBlock(plan, block).map(({ size }) => size)),
    ];

    expect([0, 1, 2, 3, 4, 5, 8].map((block) => sizes(block).join(' '))).toEqual([
      'empty middle full',
      'empty full',
      'empty full',
      'empty full',
      'empty middle full',
      'empty full',
      'empty middle full',
    ]);
    expect(middleSize(1, 1000)).toBe(501);
  });

  test('runs a single variant alone', () => {
    expect(scheduleBlock(jobPlan(), 1).map(({ variant }) => variant)).toEqual(['none']);
  });
});

describe('the CPU of a run', () => {
  const draws = (runs: readonly ScheduledRun[]) => [
    ...new Set(runs.map(({ workload, cpuDraw }) => `${workload} ${cpuDraw}`)),
  ];

  test('is the same for all runs of a workload in a block, and another in the next block', () => {
    const plan = withoutBase({
      workloads: [plannedWorkload('a', { size: SIZE }), plannedWorkload('b')],
    });
    const [first, second] = blocksOf(plan, 2).map(draws);

    expect(first).toHaveLength(2);
    expect(second).toHaveLength(2);
    expect(new Set([...first!, ...second!].map((draw) => draw.slice(2))).size).toBe(4);
  });

  test('is left open for guests with several virtual CPUs, and beside variants that record', () => {
    const several = withoutBase({ workloads: [plannedWorkload('a', { vcpus: 2 })] });
    expect(scheduleBlock(several, 1).every(({ cpuDraw }) => cpuDraw === null)).toBe(true);

    const writing = withoutBase({
      variants: [...MODES, variantOf('backend', { backend: 'simple' })],
      workloads: [plannedWorkload('a')],
    });
    const [pinned, free] = groupsOf(scheduleBlock(writing, 1));
    expect(pinned!.every(({ cpuDraw }) => cpuDraw !== null)).toBe(true);
    expect(free!.map(({ variant }) => variant).sort()).toEqual(['backend', 'none']);
    expect(free!.every(({ cpuDraw }) => cpuDraw === null)).toBe(true);

    const idle = withoutBase({
      variants: [...MODES, variantOf('backend', { backend: 'ust', record: false })],
      workloads: [plannedWorkload('a')],
    });
    expect(scheduleBlock(idle, 1).every(({ cpuDraw }) => cpuDraw !== null)).toBe(true);

    const threads = variantOf('none', {
      name: 'threads',
      qemu: { arguments: ['-smp', '{n}'] },
      parameters: { n: 2 },
    });
    const [one, two] = [1, 2].map((n) =>
      scheduleBlock(withoutBase({ variants: [MODES[0]!, { ...threads, parameters: { n } }] }), 1),
    );
    expect(one!.every(({ cpuDraw }) => cpuDraw !== null)).toBe(true);
    expect(two!.every(({ cpuDraw }) => cpuDraw === null)).toBe(true);

    const traced = jobPlan({
      sides: TWO_SIDES,
      variants: onBothSides([variantOf('dynamic', { trace: true })]),
    });
    expect(scheduleBlock(traced, 1).every(({ cpuDraw }) => cpuDraw === null)).toBe(true);
  });
});

describe('layout', () => {
  const links = (plan: JobPlan, side: 'head' | 'base', blocks = [0, 1, 2, 15, 16, 17]) =>
    blocks.map((block) => scheduleBlock(plan, block).find((run) => run.side === side)!.link);
  const same = (seed: number) => withBase({ sides: { ...TWO_SIDES, same: true }, seed });

  test('uses the links of both sides in turn', () => {
    expect(links(withBase(), 'head')).toEqual([0, 0, 1, 14, 15, 0]);
    expect(links(withBase(), 'base')).toEqual([0, 0, 1, 14, 15, 0]);
    expect([withBase(), same(1)].map(linksPerBuild)).toEqual([16, 32]);
  });

  test('deals the links of an A/A job to its sides, and repeats the pairs in turn', () => {
    const turn = Array.from({ length: 16 }, (_, index) => index + 1);
    const head = links(same(1), 'head', turn);
    const base = links(same(1), 'base', turn);

    expect([...head, ...base].sort((a, b) => a - b)).toEqual([...Array(32).keys()]);
    expect(links(same(1), 'head', [0, 17, 18])).toEqual([head[0], head[0], head[1]]);
    expect(links(same(1), 'base', [0, 17, 18])).toEqual([base[0], base[0], base[1]]);
  });

  test('does not tell the side of an A/A job by the number of a link', () => {
    const sidesOfLink0 = Array.from({ length: 200 }, (_, seed) =>
      links(same(seed), 'head', [...Array(17).keys()]).includes(0),
    );

    const heads = sidesOfLink0.filter(Boolean).length;
    expect(heads).toBeGreaterThan(70);
    expect(heads).toBeLessThan(130);
  });

  test('draws a stack position for every run', () => {
    const runs = blocksOf(withBase(), 20).flat();

    expect(new Set(runs.map(({ environmentBytes }) => environmentBytes)).size).toBeGreaterThan(200);
    expect(new Set(runs.map(({ stackBytes }) => stackBytes)).size).toBeGreaterThan(150);
    for (const { environmentBytes, stackBytes } of runs) {
      expect(environmentBytes).toBeLessThan(4096);
      expect(stackBytes % 4096).toBe(0);
      expect(stackBytes).toBeGreaterThanOrEqual(8 * 1024 ** 2);
    }
  });
});

test('a block depends only on the plan, its number and the open comparisons', () => {
  const blocks = (seed: number) => blocksOf(withBase({ seed }), 6);

  expect(blocks(7)).toEqual(blocks(7));
  expect(blocks(7)).not.toEqual(blocks(8));
  scheduleBlock(withBase({ seed: 7 }), 1, allBut('variant idle a'));
  expect(scheduleBlock(withBase({ seed: 7 }), 4)).toEqual(blocks(7)[3]);
  expect(() => scheduleBlock(withBase(), -1)).toThrow(RangeError);
  expect(() => scheduleBlock(withBase(), 1.5)).toThrow(RangeError);
});

test('each block draws its own order of workloads', () => {
  const first = blocksOf(withBase(), 40).map(([run]) => run!.workload);

  expect(first.filter((workload) => workload === 'a').length).toBeGreaterThan(8);
  expect(first.filter((workload) => workload === 'b').length).toBeGreaterThan(8);
});

test('a job measures head against base and changes of overhead, or without a base the overheads', () => {
  const named = (plan: JobPlan) =>
    comparisonsOf(plan).map(({ about, variant, workload }) => `${about} ${variant} ${workload}`);

  expect(named(withBase({ workloads: [plannedWorkload('a')] }))).toEqual([
    'variant none a',
    'variant idle a',
    'variant dynamic a',
    'change idle a',
    'change dynamic a',
  ]);
  expect(named(withoutBase())).toEqual([
    'overhead idle a',
    'overhead dynamic a',
    'overhead idle b',
    'overhead dynamic b',
  ]);
  expect(named(jobPlan())).toEqual([]);
});
