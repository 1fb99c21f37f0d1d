// SPDX-License-Identifier: GPL-2.0-or-later
// Measures how much of a run's time depends on memory layout: `npm run bench:layout [-- --minutes
// N] [--rounds 45] [--within 5m] [--state FILE]`. A job of matmult in user mode, none against idle,
// first builds the binaries and gives its answer. Rounds of single runs in random order follow,
// each round on one CPU: both variants in environments of ten sizes, unchanged and with a job's
// random draws; and 16 links of none, each beside the first linked emulator. The state file stores
// every round: a second run resumes, and `--minutes 0` only prints.
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Build } from '#contract/build.js';
import type { Comparison, ComparisonRow } from '#contract/comparison.js';
import { intervalWords } from '#contract/interval-words.js';
import type { JobPlan } from '#contract/job.js';
import { WITHIN_DEFAULT } from '#contract/constants.js';
import { answerWords } from '#contract/verdict-words.js';
import { scheduleBlock } from '#domain/schedule.js';
import { readWorkloads } from '#catalogue/workloads.js';
import { incompleteBeta } from '#statistics/incomplete-beta.js';
import { layoutSd } from '#statistics/layout-sd.js';
import { median } from '#statistics/median.js';
import { random, randomInteger, shuffled } from '#statistics/random.js';
import { robustSd } from '#statistics/robust-sd.js';
import { ensureBaseImage } from '#worker/build/images.js';
import { readFolder } from '#worker/build/tar.js';
import { readVersions } from '#worker/build/versions.js';
import { buildWorkload, volumeFromImage } from '#worker/build/workload.js';
import { measuringCpuset, parseCpuList } from '#worker/host/cpuset.js';
import { waitForHost } from '#worker/host/wait.js';
import {
  OUTPUT_LIMIT_BYTES,
  RUN_PATHS,
  runCommand,
  runEnvironment,
} from '#worker/measure/command.js';
import { countingRun, timedRun, type Run } from '#worker/measure/run.js';
import { RunnerPool } from '#worker/measure/runner-pool.js';
import { testContext } from '#support/context.js';
import { programOptions } from '#support/program-options.js';
import { uploadFiles } from '#support/upload.js';
import { openKept, timeBudget } from './kept.js';
import { runJob, samplesOf, withService } from './service.js';
import { markdownTable } from './table.js';

const { values: options } = programOptions(
  'npm run bench:layout -- [--minutes N] [--rounds 45] [--within 5m] [--state FILE]',
  {
    minutes: { type: 'string' },
    rounds: { type: 'string', default: '45' },
    within: { type: 'string', default: WITHIN_DEFAULT },
    state: { type: 'string', default: join(tmpdir(), 'qibench-bench-layout.json') },
  },
);
const ROUNDS = Number(options.rounds);
const VERSION = '7.2';
const TARGET = 'x86_64-linux-user';
const VARIANTS = ['none', 'idle'];
const LINKS = 16;
const ENVIRONMENT_BYTES = [0, 16, 32, 64, 128, 256, 512, 1024, 2048, 3072];
/** A variant in an environment. `drawn`: with padding, stack and link drawn like a job's. */
const CELLS = [false, true].flatMap((drawn) =>
  VARIANTS.flatMap((variant) => ENVIRONMENT_BYTES.map((bytes) => ({ drawn, variant, bytes }))),
);

/** The job and its builds. */
interface Setup {
  readonly plan: JobPlan;
  readonly builds: readonly Build[];
  /** Value of matmult's size parameter. */
  readonly size: number;
  /** The row of idle. */
  readonly row: ComparisonRow;
}

interface Round {
  /** Processor time of each of CELLS, in ns. */
  readonly cells: readonly number[];
  /** Wall times in ns: each link of none, and the first linked emulator right before or after. */
  readonly links: readonly { readonly link: number; readonly first: number }[];
  readonly load: number;
}

const kept = await openKept<Setup | Round>(options.state, { within: options.within });
const setupKept = () => kept.records.find((record) => 'plan' in record);
const rounds = () => kept.records.filter((record) => 'cells' in record);
const isSpent = timeBudget(options.minutes);

async function setUp(): Promise<void> {
  await withService(async (client) => {
    const count = await readFolder(join(process.cwd(), 'qemu/examples/count'));
    const done = await runJob(client, {
      name: 'layout',
      qemu: { version: VERSION, target: TARGET },
      events: ['guest_syscall_enter'],
      instrumentation: (await uploadFiles(client, count)).digest,
      variants: VARIANTS,
      workloads: [{ name: 'matmult' }],
      measure: { within: options.within },
    });
    const path = `/v1/jobs/${done.job.id}`;
    const { builds } = await client.get<{ builds: Build[] }>(`${path}/builds`);
    const { rows } = await client.get<Comparison>(`${path}/comparison`);
    const full = (await samplesOf(client, done)).find(({ size }) => size === 'full')!;
    await kept.add({
      plan: done.job.plan,
      builds,
      size: full.sizeValue!,
      row: rows.find(({ variant }) => variant === 'idle')!,
    });
  });
}

async function measureRounds({ plan, builds, size: sizeValue }: Setup): Promise<void> {
  const labels = { 'qibench.test': `layout-${process.pid}` };
  const context = testContext(process.cwd(), labels);
  const workload = plan.workloads[0]!;
  const definition = (await readWorkloads(context.rootDir)).find(
    ({ name }) => name === workload.name,
  )!;
  const { suite } = (await readVersions(context.rootDir))[VERSION]!;
  const base = await ensureBaseImage(context, suite);
  const image = await buildWorkload(context, definition, workload, TARGET, base);
  const cpuset = await measuringCpuset(process.env.QIBENCH_CPUSET ?? null);
  const cpuNumbers = parseCpuList(cpuset)!;
  const variantOf = (name: string) => plan.variants.find((variant) => variant.name === name)!;

  try {
    const { volume } = await volumeFromImage(context, image, RUN_PATHS.workload);
    await using _host = await waitForHost(context, context.lockFolder, 'measure');
    await using pool = new RunnerPool(context);

    const measure = async (run: Run, cpu: number, environment: Record<string, string>) => {
      const { name } = run.variant;
      const build = builds.find(({ variant }) => variant === name)!;
      const mounts = [{ volume, path: RUN_PATHS.workload, readOnly: true }];
      const runner = await pool.get(name, { image: build.image, cpuset, mounts });
      const { result, output } = await runner.run({
        command: runCommand(run, { target: TARGET, definition, build, sizeValue }),
        environment,
        timeoutMs: run.timeoutSeconds * 1_000,
        outputLimitBytes: OUTPUT_LIMIT_BYTES,
        cpu,
        stackBytes: run.stackBytes === 0 ? null : run.stackBytes,
        fifoPriority: null,
      });
      if (result.exitStatus !== definition.run.exitStatus) throw new Error(output);
      return result;
    };
    const processorNs = async (place: number, cpu: number, round: number) => {
      const cell = CELLS[place]!;
      const variant = variantOf(cell.variant);
      // Each run has its own block number, so that its draws are new, and rounds use the links in
      // turn.
      const scheduled = scheduleBlock(plan, 1 + place * 1_000 + round).find(
        (run) => run.variant === cell.variant && run.size === 'full',
      )!;
      const { userNs, systemNs } = cell.drawn
        ? await measure(timedRun(scheduled, variant, workload, false), cpu, {
            ...runEnvironment(scheduled.environmentBytes),
            PAD: 'x'.repeat(cell.bytes),
          })
        : await measure(countingRun(variant, workload, 0), cpu, runEnvironment(cell.bytes));
      return Number(userNs) + Number(systemNs);
    };
    const linkPair = async (link: number, cpu: number, linkFirst: boolean) => {
      const first = countingRun(variantOf('none'), workload, 0);
      const wallNs = async (run: Run) =>
        Number((await measure(run, cpu, runEnvironment(0))).wallNs);
      const before = linkFirst ? null : await wallNs(first);
      const linkNs = await wallNs({ ...first, link });
      return { link: linkNs, first: before ?? (await wallNs(first)) };
    };

    for (let round = rounds().length; round < ROUNDS && !isSpent(); round += 1) {
      const next = random(plan.seed, round);
      const cpu = cpuNumbers[randomInteger(next, cpuNumbers.length)]!;
      const cells: number[] = [];
      const links: { link: number; first: number }[] = [];
      for (const place of shuffled([...Array(CELLS.length + LINKS).keys()], next)) {
        const link = place - CELLS.length;
        if (link >= 0) links[link] = await linkPair(link, cpu, next() < 0.5);
        else cells[place] = await processorNs(place, cpu, round);
      }
      await kept.add({ cells, links, load: loadavg()[0]! });
      process.stderr.write(`round ${round + 1} of ${ROUNDS}\n`);
    }
  } finally {
    await context.backend.sweep(labels);
  }
}

/**
 * Returns the median of log ratios as a ratio, with the exact 95 % interval of signs: [x₍r₎,
 * x₍n+1-r₎] with the largest r for which a fair coin of n throws shows fewer than r heads in at
 * most 2.5 %. Fewer than six values give the median alone.
 */
function ratioOf(logs: readonly number[]): string {
  const sorted = [...logs].sort((a, b) => a - b);
  const value = Math.exp(median(logs)).toFixed(2);
  const fewer = (rank: number) => incompleteBeta(0.5, logs.length - rank + 1, rank);
  let rank = 0;
  while (rank < logs.length / 2 && fewer(rank + 1) <= 0.025) rank += 1;
  if (rank === 0) return value;
  const end = (index: number) => Math.exp(sorted[index]!).toFixed(2);
  return `${value} [${end(rank - 1)}, ${end(logs.length - rank)}]`;
}

function environmentTable(): string {
  const logsOf = (place: number, reference: number) =>
    rounds().map(({ cells }) => Math.log(cells[place]! / cells[reference]!));
  const groups = [false, true].flatMap((drawn) => VARIANTS.map((variant) => ({ drawn, variant })));
  const places = groups.map(({ drawn, variant }) =>
    ENVIRONMENT_BYTES.map((bytes) =>
      CELLS.findIndex(
        (cell) => cell.drawn === drawn && cell.variant === variant && cell.bytes === bytes,
      ),
    ),
  );
  // Each half refers to its own none with 0 bytes.
  const references = groups.map(({ drawn }) => (drawn ? places[2]![0]! : places[0]![0]!));
  const rows = ENVIRONMENT_BYTES.map((bytes, index) => [
    String(bytes),
    ...groups.map((_, group) => ratioOf(logsOf(places[group]![index]!, references[group]!))),
  ]);
  const spread = groups.map((_, group) => {
    const medians = places[group]!.map((place) => median(logsOf(place, references[group]!)));
    return intervalWords({
      low: Math.exp(Math.min(...medians)),
      high: Math.exp(Math.max(...medians)),
    });
  });
  return markdownTable(
    [
      'bytes of environment',
      ...groups.map(({ drawn, variant }) => `${variant}, ${drawn ? 'drawn' : 'as it is'}`),
    ],
    [...rows, ['all', ...spread]],
  );
}

function linkTable(): string {
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  const logs = Array.from({ length: LINKS }, (_, link) => {
    const pairs = rounds().map(({ links }) => links[link]!);
    return {
      paired: pairs.map((pair) => Math.log(pair.link / pair.first)),
      alone: pairs.map((pair) => Math.log(pair.link)),
    };
  });
  const centre = {
    paired: median(logs.map(({ paired }) => median(paired))),
    alone: median(logs.map(({ alone }) => median(alone))),
  };
  const cells = (kind: 'paired' | 'alone', values: readonly number[]) => [
    percent(median(values) - centre[kind]),
    percent(robustSd(values)),
  ];
  const links = logs.map(({ paired, alone }, link) => [
    String(link),
    ...cells('paired', paired),
    ...cells('alone', alone),
  ]);
  // Each value comes from one varying link, not from a pair.
  const layout = (kind: 'paired' | 'alone') => {
    const sd = layoutSd(logs.map((values) => values[kind]));
    return sd === null ? '' : percent(sd * Math.SQRT2);
  };
  return markdownTable(
    ['link of none', 'in pairs: median', 'noise (sd)', 'each run alone: median', 'noise (sd)'],
    [...links, ['layout, without noise (sd)', layout('paired'), '', layout('alone'), '']],
  );
}

if (!isSpent()) {
  if (setupKept() === undefined) await setUp();
  await measureRounds(setupKept()!);
}
const setup = setupKept();
const measured = rounds();
if (setup === undefined || measured.length === 0) process.stdout.write('nothing measured yet\n');
else {
  const { row, size } = setup;
  const processor =
    row.processor === null ? '' : `; processor time ${intervalWords(row.processor)}`;
  process.stdout.write(
    `${environmentTable()}\nProcessor time over none with 0 bytes, ${measured.length} ` +
      `rounds, size ${size}.\n\n` +
      `${linkTable()}\nWall time; medians around the middle one.\n\n` +
      `A job of ${row.blocks} blocks says of idle against none: ${answerWords(row, 'time')}${processor}.\n` +
      `Load average ${measured[0]!.load.toFixed(1)} at the start, ` +
      `${measured.at(-1)!.load.toFixed(1)} at the end.` +
      ` ${cpus().length} × ${cpus()[0]?.model}\n`,
  );
}
process.exit(0);
