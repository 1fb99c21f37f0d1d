// SPDX-License-Identifier: GPL-2.0-or-later
// Measures how long users wait: `npm run bench:builds [-- --cold] [--minutes N]`, after `./qibench
// demo`. With `--cold` it first removes every qibench image and cache from the engine and times the
// demo from there. `--minutes` limits the number of rounds, to at least one.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import type { Client } from '#cli/client.js';
import { ensureDocker } from '#cli/embedded/dockerd.js';
import { readCommandSettings } from '#cli/settings.js';
import type { Build } from '#contract/build.js';
import type { EventList } from '#contract/qemu.js';
import { random } from '#statistics/random.js';
import { programOptions } from '#support/program-options.js';
import { readFolder, type TarFile } from '#worker/build/tar.js';
import { uploadFiles } from '#support/upload.js';
import { timeBudget } from './kept.js';
import { aroundMs, runJob, samplesOf, withService } from './service.js';
import { quantile } from './table.js';

const { values: options } = programOptions('npm run bench:builds -- [--cold] [--minutes N]', {
  cold: { type: 'boolean', default: false },
  minutes: { type: 'string' },
});
const isSpent = timeBudget(options.minutes);
const ROUNDS = 3;
const WRITES = 100_000;
const rootDir = process.cwd();
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
const median = (values: number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const table = new Table({
  head: ['step', 'median', 'largest', 'aim'],
  style: { head: [], border: [] },
});

if (options.cold) {
  const stopDocker = await ensureDocker(tmpdir(), readCommandSettings(process.env));
  const listed = execFileSync('docker', ['images', '-q', '--filter', 'label=qibench'], {
    encoding: 'utf8',
  }).split('\n');
  const images = [...new Set([...listed, 'debian:bookworm-slim'])].filter((image) => image !== '');
  spawnSync('docker', ['rmi', '-f', ...images], { stdio: 'ignore' });
  spawnSync('docker', ['volume', 'rm', '-f', 'qibench-ccache'], { stdio: 'ignore' });
  await stopDocker();
  const startedMs = Date.now();
  execFileSync('./qibench', ['demo', '--exit'], { stdio: 'inherit' });
  const tookMs = Date.now() - startedMs;
  table.push(['demo without any image or cache', seconds(tookMs), '', '900 s']);
}

interface Outcome {
  readonly firstRunMs: number;
  readonly harnessMsPerSample: number;
  /** Milliseconds from one run to the next, for all runs. */
  readonly aroundMs: readonly number[];
  readonly built: number;
}

/**
 * Runs a job and returns the time until its first run and the cost per sample outside the measured
 * window.
 */
async function outcome(
  client: Client,
  events: string[],
  files: TarFile[],
  modes: string[],
): Promise<Outcome> {
  const { digest: instrumentation } = await uploadFiles(client, files);
  const request = {
    name: 'bench',
    qemu: { version: '7.2', target: 'x86_64-softmmu' },
    events,
    instrumentation,
    variants: modes,
    workloads: [{ name: 'port-io', parameters: { writes: WRITES } }],
    blocks: 6,
  };
  const done = await runJob(client, request);
  const { job, events: seen } = done;
  const samples = await samplesOf(client, done);
  const { builds } = await client.get<{ builds: Build[] }>(`/v1/jobs/${job.id}/builds`);
  const at = (state: string) =>
    Date.parse(seen.find(({ body }) => body.type === 'state' && body.state === state)!.at);
  const measuredMs = samples.reduce((sum, { wallNs }) => sum + Number(wallNs) / 1e6, 0);
  return {
    firstRunMs:
      Math.min(...samples.map(({ startedAt }) => Date.parse(startedAt))) -
      Date.parse(job.createdAt),
    harnessMsPerSample: (at('succeeded') - at('measuring') - measuredMs) / samples.length,
    aroundMs: aroundMs(samples),
    built: builds.filter(({ cached }) => !cached).length,
  };
}

await withService(async (client) => {
  const example = await readFolder(join(rootDir, 'qemu/examples/count'));
  const nonce = String(Date.now());
  const next = random(Date.now() % 2 ** 31);
  const { events } = await client.get<EventList>('/v1/qemu/7.2/events?limit=10000');
  const candidates = events.filter(
    ({ properties, directory }) =>
      properties.length === 0 &&
      /^(softmmu|hw\/(core|char|intc|timer|i386|isa|pci)|accel\/tcg|)$/.test(directory),
  );
  const usual = ['memory_region_ops_write'];

  for (const mode of ['dynamic', 'static']) {
    await outcome(client, usual, example, ['none', mode]);
    const selections: number[] = [];
    const edits: number[] = [];
    for (let round = 0; round < ROUNDS && (round === 0 || !isSpent()); round++) {
      const others = Array.from(
        { length: 3 },
        () => candidates[Math.floor(next() * candidates.length)]!.name,
      );
      selections.push(
        (await outcome(client, [...new Set([...usual, ...others])], example, ['none', mode]))
          .firstRunMs,
      );
      const edited = example.map((file) =>
        file.path === 'instrument.c'
          ? {
              ...file,
              content: `${String(file.content)}/* ${nonce} ${round} */ int qibench_edit_${round};\n`,
            }
          : file,
      );
      edits.push((await outcome(client, usual, edited, ['none', mode])).firstRunMs);
    }
    table.push([
      `${mode}: other events, submission to first run`,
      seconds(median(selections)),
      seconds(Math.max(...selections)),
      '15 s',
    ]);
    table.push([
      `${mode}: instrument.c edited, submission to first run`,
      seconds(median(edits)),
      seconds(Math.max(...edits)),
      '15 s',
    ]);
  }
  const again = await outcome(client, usual, example, ['none', 'dynamic', 'static']);
  table.push([
    `the same job again (${again.built} builds), submission to first run`,
    seconds(again.firstRunMs),
    '',
    'no build',
  ]);
  table.push([
    'harness per sample, beside the measured window',
    seconds(again.harnessMsPerSample),
    '',
    '1 s',
  ]);
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  table.push([
    'around a run, outside the measured window (largest: of nine in ten)',
    ms(median([...again.aroundMs])),
    ms(quantile(again.aroundMs, 0.9)),
    '30 ms',
  ]);
  process.stdout.write(`${table.toString()}\n${cpus().length} × ${cpus()[0]?.model}\n`);
});
process.exit(0);
