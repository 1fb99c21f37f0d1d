// SPDX-License-Identifier: GPL-2.0-or-later
// Measures whether verdicts can be trusted: `npm run bench:trust [-- --minutes N] [--kinds 0,50]
// [--comparisons N] [--within 5m] [--draws N] [--writes N] [--state FILE] [--compiler]`: one job per
// comparison, with default settings, of port-io in static mode, alone or with a compiler running
// beside. A/A comparisons use different links of one build. Slowdowns use two builds whose callbacks
// burn a known share of the time. The peers' rules judge the same runs. The state file stores every
// comparison: a second run with the same settings resumes, and `--minutes 0` only prints the tables
// of docs/statistics.md.
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '#cli/client.js';
import type { Comparison, RatioInterval, Verdict } from '#contract/comparison.js';
import type { Sample } from '#contract/sample.js';
import { WITHIN_DEFAULT } from '#contract/constants.js';
import { WARM_UP_BLOCK } from '#domain/schedule.js';
import { median } from '#statistics/median.js';
import { programOptions } from '#support/program-options.js';
import { readFolder } from '#worker/build/tar.js';
import { uploadFiles } from '#support/upload.js';
import { startCompiler } from './compiler.js';
import { openKept, timeBudget } from './kept.js';
import { PEERS, type PeerRuns, type Runs } from './peers.js';
import { aroundMs, runJob, samplesOf, withService } from './service.js';
import { markdownTable, quantile, share } from './table.js';

const { values: options } = programOptions(
  'npm run bench:trust -- [--minutes N] [--kinds 0,50] [--comparisons N] [--within 5m] [--draws N] ' +
    '[--writes N] [--state FILE] [--compiler]',
  {
    minutes: { type: 'string' },
    kinds: { type: 'string', default: '0,50,100,10,20' },
    comparisons: { type: 'string', default: '100' },
    within: { type: 'string', default: WITHIN_DEFAULT },
    draws: { type: 'string', default: '4' },
    writes: { type: 'string' },
    state: { type: 'string', default: join(tmpdir(), 'qibench-bench-trust.json') },
    compiler: { type: 'boolean', default: false },
  },
);
/** Number of A/A comparisons; each slowdown gets two fifths of it. */
const COMPARISONS = Number(options.comparisons);
const KINDS = options.kinds.split(',').map((text) => {
  const permille = Number(text);
  return {
    permille,
    comparisons: permille === 0 ? COMPARISONS : Math.ceil(0.4 * COMPARISONS),
    // A slowdown equal to the threshold stays undecided: each such job uses all of its time, so it
    // comes late.
    pace: permille === 20 ? 4 : 1,
  };
});
/** Number of builds of the same code that comparisons use in turn: each has its own link orders. */
const DRAWS = Number(options.draws);

/** One comparison: the job's verdict and its runs. */
interface Trial {
  /** Slowdown of head, in thousandths. */
  readonly permille: number;
  /** Value of port-io's size parameter. */
  readonly writes: number;
  readonly verdict: Verdict;
  readonly ratio: RatioInterval;
  readonly measuringSeconds: number;
  readonly answerSeconds: number;
  /** One-minute load averages before and after. */
  readonly load: readonly [number, number];
  /** Median time between two runs. */
  readonly aroundMs: number;
  /** In ns, block by block. */
  readonly runs: Runs;
}

const kept = await openKept<Trial>(options.state, {
  within: options.within,
  draws: DRAWS,
  ...(options.compiler ? { compiler: true } : {}),
});
const ofKind = (permille: number) => kept.records.filter((trial) => trial.permille === permille);

/**
 * Returns the kind that is furthest behind, so that a run that ends early has some of each;
 * undefined once all are complete.
 */
function nextKind(): number | undefined {
  const open = KINDS.map((kind) => ({ ...kind, done: ofKind(kind.permille).length })).filter(
    ({ done, comparisons }) => done < comparisons,
  );
  const behind = ({ done, comparisons, pace }: (typeof open)[number]) =>
    (pace * (done + 1)) / comparisons;
  return open.sort((a, b) => behind(a) - behind(b))[0]?.permille;
}

/** Uploads callbacks that burn this share of the time; another draw gives another digest. */
async function upload(client: Client, permille: number, draw: number): Promise<string> {
  const files = await readFolder(join(process.cwd(), 'qemu/test/burn'));
  const content = `#define BURN_PERMILLE ${permille}\n/* draw ${draw} */\n`;
  return (await uploadFiles(client, [...files, { path: 'burn.h', content }])).digest;
}

async function compare(client: Client, permille: number): Promise<Trial> {
  const draw = ofKind(permille).length % DRAWS;
  // The first job chooses the size; all others reuse it, so that their times form a history.
  const writes = kept.records[0]?.writes ?? options.writes;
  const parameters = writes === undefined ? {} : { writes: Number(writes) };
  const base = await upload(client, 0, draw);
  const before = loadavg()[0]!;
  const done = await runJob(client, {
    name: 'trust',
    qemu: { version: '7.2', target: 'x86_64-softmmu' },
    events: ['memory_region_ops_write'],
    instrumentation: permille === 0 ? base : await upload(client, permille, draw),
    baseline: permille === 0 ? 'same' : { instrumentation: base },
    variants: ['static'],
    workloads: [{ name: 'port-io', parameters }],
    measure: { within: options.within },
  });
  const { job } = done;
  const comparison = await client.get<Comparison>(`/v1/jobs/${job.id}/comparison`);
  const { ratio, verdict } = comparison.sides[0]!;
  const samples = await samplesOf(client, done);
  const measured = samples
    .filter(({ block }) => block !== WARM_UP_BLOCK)
    .sort((a, b) => a.block - b.block);
  const wallNs = (side: Sample['side']) =>
    measured.filter((sample) => sample.side === side).map((sample) => Number(sample.wallNs));
  return {
    permille,
    writes: measured[0]!.sizeValue!,
    verdict: verdict!,
    ratio,
    measuringSeconds: comparison.progress.spentSeconds,
    answerSeconds: (Date.parse(job.finishedAt!) - Date.parse(job.createdAt)) / 1e3,
    load: [before, loadavg()[0]!],
    aroundMs: median(aroundMs(samples)),
    runs: { head: wallNs('head'), base: wallNs('base') },
  };
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function peerRuns(trial: Trial): PeerRuns {
  const { head, base } = trial.runs;
  const half = Math.floor(base.length / 2);
  const earlier = kept.records.slice(0, kept.records.indexOf(trial));
  return {
    sequential: { head: head.slice(half), base: base.slice(0, half) },
    inTurns: trial.runs,
    history: earlier.map(({ runs }) => mean(runs.base)),
  };
}

function verdicts(trials: readonly Trial[], verdict: Verdict): string {
  return share(trials.filter((trial) => trial.verdict === verdict).length, trials.length);
}

function tables(): string {
  const seconds = (values: readonly number[]) =>
    `${median(values).toFixed(0)} / ${quantile(values, 0.9).toFixed(0)} s`;
  const name = (permille: number) => (permille === 0 ? 'none (A/A)' : `${permille / 10} %`);
  const kinds = KINDS.map(({ permille }) => ({ permille, trials: ofKind(permille) }))
    .filter(({ trials }) => trials.length > 0)
    .sort((a, b) => a.permille - b.permille);
  const answers = kinds.map(({ permille, trials }) => [
    name(permille),
    median(trials.map(({ ratio }) => ratio.ratio)).toFixed(3),
    verdicts(trials, 'regression'),
    verdicts(trials, 'improvement'),
    verdicts(trials, 'no-change'),
    verdicts(trials, 'inconclusive'),
    median(trials.map(({ ratio }) => ratio.blocks)).toFixed(0),
    seconds(trials.map(({ measuringSeconds }) => measuringSeconds)),
    seconds(trials.map(({ answerSeconds }) => answerSeconds)),
  ]);
  const rules: Record<string, (trial: Trial) => boolean> = {
    qibench: ({ verdict }) => verdict === 'regression',
    ...Object.fromEntries(
      Object.entries(PEERS).map(([peer, slower]) => [
        peer,
        (trial: Trial) => slower(peerRuns(trial)),
      ]),
    ),
  };
  const found = kinds.map(({ permille, trials }) => [
    name(permille),
    ...Object.values(rules).map((rule) => share(trials.filter(rule).length, trials.length)),
  ]);
  const same = ofKind(0);
  const holds = same.filter(({ ratio }) => ratio.low <= 1 && 1 <= ratio.high).length;
  const runsNs = kept.records.flatMap(({ runs }) => [...runs.head, ...runs.base]);
  const loads = kept.records.flatMap(({ load }) => load);
  return [
    markdownTable(
      [
        'slowdown',
        'measured',
        'regression',
        'improvement',
        'no change',
        'time up',
        'blocks',
        'measuring, median / 90 %',
        'to the answer, median / 90 %',
      ],
      answers,
    ),
    `The final interval holds 1 in ${share(holds, same.length)} A/A comparisons.\n`,
    '\nHow often each rule calls head slower:\n\n',
    markdownTable(['slowdown', ...Object.keys(rules)], found),
    `\n${kept.records[0]!.writes} writes; a run takes ${(median(runsNs) / 1e6).toFixed(0)} ms, and`,
    ` ${median(kept.records.map((trial) => trial.aroundMs)).toFixed(1)} ms around it.`,
    ` Load average: ${loads[0]!.toFixed(1)} at the start, ${loads.at(-1)!.toFixed(1)} at the end,`,
    ` median ${median(loads).toFixed(1)}. ${cpus().length} × ${cpus()[0]?.model}\n`,
  ].join('');
}

function report({ permille, verdict, ratio, measuringSeconds, answerSeconds }: Trial): void {
  process.stderr.write(
    `${permille / 10} %: ${verdict}, ${ratio.ratio.toFixed(3)} [${ratio.low.toFixed(3)}, ` +
      `${ratio.high.toFixed(3)}],` +
      ` ${measuringSeconds.toFixed(0)} s of measuring, ${answerSeconds.toFixed(0)} s to the answer\n`,
  );
}

const isSpent = timeBudget(options.minutes);
if (!isSpent() && nextKind() !== undefined)
  await withService(async (client) => {
    const endCompiler = options.compiler ? startCompiler() : () => undefined;
    try {
      for (let kind = nextKind(); kind !== undefined && !isSpent(); kind = nextKind()) {
        const trial = await compare(client, kind);
        await kept.add(trial);
        report(trial);
      }
    } finally {
      endCompiler();
    }
  });
process.stdout.write(kept.records.length === 0 ? 'nothing measured yet\n' : tables());
process.exit(0);
