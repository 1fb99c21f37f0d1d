// Can the verdicts be trusted? `npm run bench:trust [-- COMPARISONS]`: comparisons of QEMU with itself, and with callbacks that burn a
// known share of the time, twelve blocks each, judged by qibench and, on the same runs, by the rules of two peers.
// Prints the tables of docs/statistics.md.
import { join } from 'node:path';
import Table from 'cli-table3';
import type { Client } from '../../services/cli/client.js';
import { jobEvents } from '../../services/cli/event-stream.js';
import type { Job } from '../../services/contract/job.js';
import type { Sample } from '../../services/contract/sample.js';
import { WARM_UP_BLOCK } from '../../services/domain/blocks.js';
import { clopperPearson } from '../../services/statistics/clopper-pearson.js';
import { logRatios } from '../../services/statistics/log-ratios.js';
import { estimateRatio } from '../../services/statistics/ratio-estimate.js';
import { SIGNIFICANCE } from '../../services/contract/plain.js';
import { verdictOf } from '../../services/statistics/verdict.js';
import { readFolder } from '../../worker/build/tar.js';
import { uploadFiles } from '../upload.js';
import { PEERS } from './peers.js';
import { withService } from './service.js';

const BLOCKS = 12;
const COMPARISONS = Number(process.argv[2] ?? 40);
const SLOWDOWNS_PERMILLE = [10, 20, 50, 100];
const COMPARISONS_PER_SLOWDOWN = Math.ceil(COMPARISONS / 2);
const BLOCKS_PER_JOB = 180; // 15 comparisons
const WRITES = 1_000_000;

interface Times {
  readonly head: readonly number[];
  readonly base: readonly number[];
}

/** Wall times in ns of head and base, block by block, of as many blocks as asked for; as many jobs as that takes. */
async function measure(client: Client, blocks: number, instrumentations: { head: string; base: string }): Promise<Times> {
  const head: number[] = [];
  const base: number[] = [];
  while (head.length < blocks) {
    const job = await client.post<Job>('/v1/jobs', {
      name: 'trust', qemu: { version: '7.2', target: 'x86_64-softmmu' }, events: ['memory_region_ops_write'], instrumentation: instrumentations.head,
      baseline: instrumentations.head === instrumentations.base ? 'same' : { instrumentation: instrumentations.base }, confirm: false,
      variants: ['dynamic'], workloads: [{ name: 'port-io', parameters: { writes: WRITES } }], blocks: Math.min(BLOCKS_PER_JOB, blocks - head.length),
    });
    for await (const { body } of jobEvents(client, job.id)) if (body.type === 'state' && body.error !== null) throw new Error(body.error.message);
    const { samples } = await client.get<{ samples: Sample[] }>(`/v1/jobs/${job.id}/samples`);
    for (const sample of samples.filter(({ block }) => block !== WARM_UP_BLOCK).sort((a, b) => a.block - b.block)) (sample.side === 'head' ? head : base).push(Number(sample.wallNs));
  }
  return { head, base };
}

/** A series of blocks as comparisons of twelve blocks: run in turns as they were, and as a peer would have run them. */
interface Trial {
  readonly inTurns: Times;
  /** The base runs of these blocks and the head runs of the twelve that follow (the last: of the first). */
  readonly sequential: Times;
}

function trialsOf({ head, base }: Times): Trial[] {
  const count = Math.floor(head.length / BLOCKS);
  const part = (values: readonly number[], index: number) => values.slice((index % count) * BLOCKS, ((index % count) + 1) * BLOCKS);
  return Array.from({ length: count }, (_, index) => ({
    inTurns: { head: part(head, index), base: part(base, index) },
    sequential: { head: part(head, index + 1), base: part(base, index) },
  }));
}

const estimate = ({ head, base }: Times) => estimateRatio(logRatios(head, base));

/** What each rule says of a comparison: slower (or, where it is about any difference, not the same). */
const RULES: Record<string, (trial: Trial) => boolean> = {
  'qibench: p ≤ 5 %': ({ inTurns }) => estimate(inTurns).pValue <= SIGNIFICANCE,
  'qibench: regression at 2 %': ({ inTurns }) => {
    const { interval, pValue } = estimate(inTurns);
    return verdictOf(interval, pValue) === 'regression';
  },
  ...Object.fromEntries(Object.entries(PEERS).map(([name, slower]) => [name, ({ sequential }: Trial) => slower(sequential)])),
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
    return (await uploadFiles(client, [...files, { path: 'burn.h', content: `#define BURN_PERMILLE ${permille}\n` }])).digest;
  };
  const none = await upload(0);
  const table = new Table({ head: ['slowdown', 'median ratio', ...Object.keys(RULES)], style: { head: [], border: [] } });
  for (const permille of [0, ...SLOWDOWNS_PERMILLE]) {
    const count = permille === 0 ? COMPARISONS : COMPARISONS_PER_SLOWDOWN;
    const times = await measure(client, count * BLOCKS, { head: permille === 0 ? none : await upload(permille), base: none });
    const trials = trialsOf(times);
    const found = Object.values(RULES).map((rule) => share(trials.filter(rule).length, trials.length));
    table.push([permille === 0 ? 'none: false alarms' : `${permille / 10} %`, estimate(times).interval.ratio.toFixed(3), ...found]);
    process.stderr.write(`${permille}: ${JSON.stringify(found)}\n`);
  }
  process.stdout.write(`${table.toString()}\n`);
});
process.exit(0);
