// Can the verdicts be trusted? `npm run bench:trust [-- --comparisons N] [--writes N] [--state FILE]`: comparisons of QEMU with itself,
// and with callbacks that burn a known share of the time, twelve blocks each, judged by qibench and, on the same runs, by the rules of
// two peers. Prints the tables of docs/statistics.md. Every job's times are kept in the state file: run again with the same numbers, it
// goes on where it was stopped.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import type { Client } from '../../services/cli/client.js';
import { jobEvents } from '../../services/cli/event-stream.js';
import type { Job } from '../../services/contract/job.js';
import type { Sample } from '../../services/contract/sample.js';
import { WARM_UP_BLOCK } from '../../services/domain/blocks.js';
import { clopperPearson } from '../../services/statistics/clopper-pearson.js';
import { confirm } from '../../services/statistics/confirmation.js';
import { logRatios } from '../../services/statistics/log-ratios.js';
import { median } from '../../services/statistics/median.js';
import { detectableRatio, estimateRatio } from '../../services/statistics/ratio-estimate.js';
import { SIGNIFICANCE } from '../../services/contract/plain.js';
import { verdictOf } from '../../services/statistics/verdict.js';
import { readFolder } from '../../worker/build/tar.js';
import { uploadFiles } from '../upload.js';
import { PEERS } from './peers.js';
import { withService } from './service.js';

const { values: options } = parseArgs({
  options: {
    comparisons: { type: 'string', default: '40' },
    writes: { type: 'string', default: '5000000' },
    state: { type: 'string', default: join(tmpdir(), 'qibench-bench-trust.json') },
  },
});
const BLOCKS = 12;
/** Of QEMU with itself; of each slowdown two fifths of that, and two at least: one confirms the other. */
const COMPARISONS = Math.max(2, Number(options.comparisons));
const SLOWDOWNS_PERMILLE = [10, 20, 50, 100];
const COMPARISONS_PER_SLOWDOWN = Math.max(2, Math.round(COMPARISONS * 0.4));
/** A job that was stopped is lost, so it is not long. */
const BLOCKS_PER_JOB = 60;
const WRITES = Number(options.writes);

/** Wall times in ns, block by block. */
interface Times {
  readonly head: readonly number[];
  readonly base: readonly number[];
}

/** What has been measured, by slowdown in thousandths. */
interface Kept {
  readonly writes: number;
  readonly times: Record<string, Times>;
}

const kept: Kept = await readFile(options.state, 'utf8').then(
  (text) => JSON.parse(text) as Kept,
  () => ({ writes: WRITES, times: {} }),
);
if (kept.writes !== WRITES)
  throw new Error(
    `${options.state} is of runs with ${kept.writes} writes: remove it, or name another --state`,
  );

/** Add blocks of a slowdown to what is kept, until there are as many as asked for. */
async function measure(
  client: Client,
  permille: number,
  blocks: number,
  instrumentations: { head: string; base: string },
): Promise<Times> {
  for (;;) {
    const times = kept.times[permille] ?? { head: [], base: [] };
    if (times.head.length >= blocks)
      return { head: times.head.slice(0, blocks), base: times.base.slice(0, blocks) };
    const job = await client.post<Job>('/v1/jobs', {
      name: 'trust',
      qemu: { version: '7.2', target: 'x86_64-softmmu' },
      events: ['memory_region_ops_write'],
      instrumentation: instrumentations.head,
      baseline:
        instrumentations.head === instrumentations.base
          ? 'same'
          : { instrumentation: instrumentations.base },
      confirm: false,
      variants: ['dynamic'],
      workloads: [{ name: 'port-io', parameters: { writes: WRITES } }],
      blocks: Math.max(BLOCKS, Math.min(BLOCKS_PER_JOB, blocks - times.head.length)),
    });
    for await (const { body } of jobEvents(client, job.id))
      if (body.type === 'state' && body.error !== null) throw new Error(body.error.message);
    const { samples } = await client.get<{ samples: Sample[] }>(`/v1/jobs/${job.id}/samples`);
    const measured = samples
      .filter(({ block }) => block !== WARM_UP_BLOCK)
      .sort((a, b) => a.block - b.block);
    const of = (side: Sample['side']) =>
      measured.filter((sample) => sample.side === side).map(({ wallNs }) => Number(wallNs));
    kept.times[permille] = {
      head: [...times.head, ...of('head')],
      base: [...times.base, ...of('base')],
    };
    await writeFile(`${options.state}.new`, JSON.stringify(kept));
    await rename(`${options.state}.new`, options.state);
  }
}

/** A series of blocks as comparisons of twelve blocks: run in turns as they were, and as a peer would have run them. */
interface Trial {
  readonly inTurns: Times;
  /** What confirms: the twelve blocks that follow (the last: the first), which are no part of this comparison. */
  readonly second: Times;
  /** The base runs of these blocks and the head runs of the twelve that follow (the last: of the first). */
  readonly sequential: Times;
}

function trialsOf({ head, base }: Times): Trial[] {
  const count = Math.floor(head.length / BLOCKS);
  const part = (values: readonly number[], index: number) =>
    values.slice((index % count) * BLOCKS, ((index % count) + 1) * BLOCKS);
  return Array.from({ length: count }, (_, index) => ({
    inTurns: { head: part(head, index), base: part(base, index) },
    second: { head: part(head, index + 1), base: part(base, index + 1) },
    sequential: { head: part(head, index + 1), base: part(base, index) },
  }));
}

const estimate = ({ head, base }: Times) => estimateRatio(logRatios(head, base));

/** As a job with this one comparison has it: one p value, nothing to adjust. */
const verdict = (times: Times) => {
  const { interval, pValue } = estimate(times);
  return verdictOf(interval, pValue);
};

/** What each rule says of a comparison: slower (or, where it is about any difference, not the same). */
const RULES: Record<string, (trial: Trial) => boolean> = {
  'qibench: p ≤ 5 %': ({ inTurns }) => estimate(inTurns).pValue <= SIGNIFICANCE,
  'qibench: regression at 2 %, unconfirmed': ({ inTurns }) => verdict(inTurns) === 'regression',
  'qibench: confirmed by a second batch': ({ inTurns, second }) =>
    confirm(verdict(inTurns), verdict(second)).verdict === 'regression',
  ...Object.fromEntries(
    Object.entries(PEERS).map(([name, slower]) => [
      name,
      ({ sequential }: Trial) => slower(sequential),
    ]),
  ),
};

/** `3 of 40 (8 % [2, 20])`, with the exact 95 % interval. */
function share(count: number, of: number): string {
  const { low, high } = clopperPearson(count, of);
  const percent = (value: number) => (100 * value).toFixed(0);
  return `${count} of ${of} (${percent(count / of)} % [${percent(low)}, ${percent(high)}])`;
}

await withService(async (client) => {
  const upload = async (permille: number) => {
    const files = await readFolder(join(process.cwd(), 'qemu/test/burn'));
    return (
      await uploadFiles(client, [
        ...files,
        { path: 'burn.h', content: `#define BURN_PERMILLE ${permille}\n` },
      ])
    ).digest;
  };
  const none = await upload(0);
  const table = new Table({
    head: ['slowdown', 'median ratio', 'finds from', ...Object.keys(RULES)],
    style: { head: [], border: [] },
  });
  for (const permille of [0, ...SLOWDOWNS_PERMILLE]) {
    const count = permille === 0 ? COMPARISONS : COMPARISONS_PER_SLOWDOWN;
    const times = await measure(client, permille, count * BLOCKS, {
      head: permille === 0 ? none : await upload(permille),
      base: none,
    });
    const trials = trialsOf(times);
    const found = Object.values(RULES).map((rule) =>
      share(trials.filter(rule).length, trials.length),
    );
    const finds = median(trials.map(({ inTurns }) => detectableRatio(estimate(inTurns), 1)! - 1));
    table.push([
      permille === 0 ? 'none: false alarms' : `${permille / 10} %`,
      estimate(times).interval.ratio.toFixed(3),
      `${(100 * finds).toFixed(1)} %`,
      ...found,
    ]);
    process.stderr.write(`${permille}: ${JSON.stringify(found)}\n`);
  }
  const runsNs = Object.values(kept.times).flatMap(({ head, base }) => [...head, ...base]);
  process.stdout.write(
    `${table.toString()}\n${WRITES} writes, a run takes ${Math.round(median(runsNs) / 1e6)} ms\n`,
  );
});
process.exit(0);
