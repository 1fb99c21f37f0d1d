// SPDX-License-Identifier: GPL-2.0-or-later
// Measures the cost of traces: `npm run bench:traces [-- TRACE EVENTS-FILE]`. One run compares
// reading and storing a trace with QEMU's own simpletrace.py, which only reads it, and with a COPY
// of one row per record; then it times queries on a trace of 20 million records. The trace is a
// real one, repeated: a Linux boot by default. Prints the tables of docs/traces.md.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '#cli/embedded/postgres.js';
import type { Trace } from '#contract/trace.js';
import { migrate } from '#store/migrate.js';
import { openStore, type Store } from '#store/store.js';
import { compareTraces } from '#store/trace-comparison.js';
import { readHistogram } from '#store/trace-histogram.js';
import { readRecords } from '#store/trace-records.js';
import { getTrace, traceStatistics } from '#store/traces.js';
import { writeLongFile } from './traces/long-file.js';
import { realTrace } from './traces/real-trace.js';
import { copyRows, ingest, readBySimpletrace, type Effort, type TraceFile } from './traces/ways.js';

const COMPARED_RECORDS = 1_000_000;
const LONG_RECORDS = 20_000_000;
const ROUNDS = 3;
const QUERY_ROUNDS = 15;
const PORT = 54_397;

const folder = mkdtempSync(join(tmpdir(), 'qibench-bench-traces-'));
const print = (line: string) => void process.stdout.write(`${line}\n`);
const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const perSecond = (records: number, seconds: number) => `${(records / seconds / 1e6).toFixed(2)} M`;

const { file, eventsFile } = await realTrace(process.argv.slice(2));
writeFileSync(join(folder, 'trace-events-all'), eventsFile);
async function traceFile(name: string, count: number): Promise<TraceFile> {
  const path = join(folder, name);
  return {
    path,
    eventsPath: join(folder, 'trace-events-all'),
    ...(await writeLongFile(file, count, path)),
  };
}
const postgres = await startPostgres(folder, PORT);
try {
  await migrate(postgres.url, process.cwd());
  const store = await openStore(postgres.url);
  await compareWays(store);
  await queryLong(store);
  await store.close();
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

async function compareWays(store: Store): Promise<void> {
  const compared = await traceFile('compared', COMPARED_RECORDS);
  await ingest(store, compared, folder); // the first call compiles
  const python: Effort[] = [];
  const rows: Effort[] = [];
  const ours: Effort[] = [];
  let rowBytes = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    python.push(readBySimpletrace(compared));
    const copied = await copyRows(store, compared, folder);
    rows.push(copied);
    rowBytes = copied.bytesPerRecord;
    ours.push(await ingest(store, compared, folder));
  }
  const cells = (efforts: readonly Effort[]) =>
    (['seconds', 'cpuSeconds'] as const)
      .flatMap((what) => {
        const seconds = median(efforts.map((effort) => effort[what]));
        return [
          perSecond(compared.records, seconds),
          (seconds / median(ours.map((effort) => effort[what]))).toFixed(1),
        ];
      })
      .join(' | ');
  print(
    `${compared.records} records, ${(compared.bytes / compared.records).toFixed(1)} bytes ` +
      `each in the file; medians of ${ROUNDS} rounds, in turn\n`,
  );
  print(
    '| way | records/s | times ours | records per s of CPU | times ours | bytes per record ' +
      '|\n|---|---|---|---|---|---|',
  );
  print(`| simpletrace.py, reads only | ${cells(python)} | |`);
  print(`| COPY, a row per record | ${cells(rows)} | ${rowBytes.toFixed(1)} |`);
  print(`| chunks | ${cells(ours)} | below |\n`);
}

async function queryLong(store: Store): Promise<void> {
  const long = await traceFile('long', LONG_RECORDS);
  const { traceId, seconds, nodeSeconds, postgresSeconds, longestBlockMs, grownBytes } =
    await ingest(store, long, folder);
  const trace = (await getTrace(store.pool, traceId))!;
  const fileRatio = Number(trace.storedBytes) / long.bytes;
  print('| 20 million records | |\n|---|---|');
  print(`| records/s, wall time | ${perSecond(long.records, seconds)} |`);
  print(
    '| records per second of CPU: this process / Postgres / both | ' +
      `${perSecond(long.records, nodeSeconds)} / ${perSecond(long.records, postgresSeconds)} / ` +
      `${perSecond(long.records, nodeSeconds + postgresSeconds)} |`,
  );
  print(
    `| bytes per record: file / stored | ${(long.bytes / long.records).toFixed(1)} / ` +
      `${(Number(trace.storedBytes) / long.records).toFixed(2)} ` +
      `(1/${(1 / fileRatio).toFixed(1)}) |`,
  );
  print(`| event loop of the worker blocked, at most | ${longestBlockMs.toFixed(0)} ms |`);
  print(
    `| memory that this process grows by, at most | ${(grownBytes / 1024 ** 2).toFixed(0)} MiB |\n`,
  );
  await timeQueries(store, trace);
}

async function timeQueries(store: Store, trace: Trace): Promise<void> {
  const { pool } = store;
  const first = BigInt(trace.firstNs!);
  const duration = BigInt(trace.lastNs!) - first;
  const middle = first + duration / 2n;
  const window = (share: bigint) => ({ fromNs: middle, toNs: middle + duration / share });
  const [common] = await traceStatistics(pool, trace.id);
  const rarest = [...trace.events].sort((a, b) => Number(a.count) - Number(b.count))[0]!;
  const rareValue = rarest.arguments.at(-1)?.name;
  const queries: [string, () => Promise<unknown>][] = [
    ['first page of 1,000 records', () => readRecords(pool, trace.id, { limit: 1_000 })],
    [
      'a page in the middle',
      () => readRecords(pool, trace.id, { limit: 1_000, after: BigInt(trace.records) / 2n }),
    ],
    [
      `first page of the rarest event (${rarest.name})`,
      () => readRecords(pool, trace.id, { limit: 1_000, event: [rarest.name] }),
    ],
    [
      'first page of a time in the middle',
      () => readRecords(pool, trace.id, { limit: 1_000, ...window(1_000n) }),
    ],
    [
      'a page with a condition that nothing matches',
      () =>
        readRecords(pool, trace.id, {
          limit: 1_000,
          where: rareValue === undefined ? [] : [`${rareValue}=0xdeadbeefdead`],
        }),
    ],
    ['overview, 500 bins', () => readHistogram(pool, trace, { bins: 500 })],
    ['overview, 2,000 bins', () => readHistogram(pool, trace, { bins: 2_000 })],
    ...[10n, 100n, 1_000n, 10_000n, 1_000_000n].map((share): [string, () => Promise<unknown>] => [
      `zoom to 1/${share}, 2,000 bins`,
      () => readHistogram(pool, trace, { bins: 2_000, ...window(share) }),
    ]),
    [
      'overview of one event, 2,000 bins',
      () => readHistogram(pool, trace, { bins: 2_000, event: [common!.name] }),
    ],
    ['statistics', () => traceStatistics(pool, trace.id)],
    [
      'comparison with itself, a request',
      () => compareTraces(pool, trace, trace, { ignore: [], compared: 0n }),
    ],
  ];
  print('| query | median | longest |\n|---|---|---|');
  for (const [name, query] of queries) {
    const times: number[] = [];
    for (let round = 0; round < QUERY_ROUNDS; round += 1) {
      const startMs = performance.now();
      JSON.stringify(await query());
      times.push(performance.now() - startMs);
    }
    print(`| ${name} | ${median(times).toFixed(1)} ms | ${Math.max(...times).toFixed(1)} ms |`);
  }
}
