// SPDX-License-Identifier: GPL-2.0-or-later
// Uses the whole service for hours and reports what its processes hold before and after: npm run
// soak [-- --hours 2] [--seed 1]. Jobs of three projects run side by side. Memory, open descriptors
// and threads are read while the service is idle, after each tenth of the time. Exits with 1 if one
// grew by more than 5 % from the first reading to the last, or an answer was unexpected.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '#cli/client.js';
import { startService } from '#cli/up.js';
import { programOptions } from '#support/program-options.js';
import { markdownTable } from '../bench/table.js';
import { holdings, type Holding } from './processes.js';
import { useService } from './traffic.js';

const { values: options } = programOptions('npm run soak -- [--hours 2] [--seed S]', {
  hours: { type: 'string', default: '2' },
  seed: { type: 'string', default: '1' },
});
const PROJECTS = ['soak-a', 'soak-b', 'soak-c'];
/** Of the time; each ends with a reading. */
const PARTS = 10;
const GROWTH_LIMIT = 1.05;
const MEBIBYTE = 1024 ** 2;

const totalMs = Number(options.hours) * 3_600_000;
process.env.NODE_OPTIONS = `--import ${new URL('collect.js', import.meta.url).href}`;
await import('./collect.js'); // for this process, too
const home = await mkdtemp(join(tmpdir(), 'qibench-soak-'));
const environment = { ...process.env, QIBENCH_HOME: home, DATABASE_URL: '', REDIS_URL: '' };
const service = await startService(process.cwd(), environment, () => undefined);
let failed = false;
try {
  const client = new Client(service.url);
  const readings: Record<string, Holding>[] = [];
  for (let part = 0; part < PARTS; part += 1) {
    await use(client, totalMs / PARTS, Number(options.seed) + part);
    readings.push(await holdings());
    console.log(JSON.stringify(readings.at(-1)));
  }
  report(readings);
} finally {
  await service.stop();
  await rm(home, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);

/** Uses the service for some time, until the last job has ended. */
async function use(client: Client, ms: number, seed: number): Promise<void> {
  const endMs = performance.now() + ms;
  const done = await Promise.all(
    PROJECTS.map((project, index) =>
      useService(client, project, seed * PROJECTS.length + index, () => performance.now() >= endMs),
    ),
  );
  for (const surprise of done.flatMap(({ surprises }) => surprises)) {
    console.log(surprise);
    failed = true;
  }
  const sum = (key: 'jobs' | 'requests') => done.reduce((total, counts) => total + counts[key], 0);
  console.log(`${(ms / 60_000).toFixed(0)} min: ${sum('jobs')} jobs, ${sum('requests')} requests`);
}

function report(readings: readonly Record<string, Holding>[]): void {
  const [before, after] = [readings[0]!, readings.at(-1)!];
  const parts = Object.keys(after);
  const rows = parts.map((part) => {
    const [first, last] = [before[part]!, after[part]!];
    const cell = (key: keyof Holding, unit: number) => {
      const growth = last[key] / first[key];
      if (growth > GROWTH_LIMIT) failed = true;
      const [from, to] = [first[key], last[key]].map((value) => (value / unit).toFixed(0));
      return `${from} → ${to} (${growth >= 1 ? '+' : '−'}${Math.abs(100 * (growth - 1)).toFixed(1)} %)`;
    };
    return [part, cell('memoryBytes', MEBIBYTE), cell('handles', 1), cell('threads', 1)];
  });
  console.log(markdownTable(['part', 'memory, MiB', 'descriptors', 'threads'], rows));
  const memory = parts.map((part) => [
    part,
    ...readings.map((reading) => (reading[part]!.memoryBytes / MEBIBYTE).toFixed(0)),
  ]);
  const tenths = readings.map(
    (_, index) => `${(((index + 1) * totalMs) / PARTS / 60_000).toFixed(0)} min`,
  );
  console.log(markdownTable(['memory, MiB', ...tenths], memory));
}
