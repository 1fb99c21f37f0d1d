// SPDX-License-Identifier: GPL-2.0-or-later
// The compared ways to read a trace file.
import { execFileSync } from 'node:child_process';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { from as copyFrom } from 'pg-copy-streams';
import { unpackChunk } from '#domain/trace/chunk.js';
import type { Store } from '#store/store.js';
import { writeTrace } from '#store/trace-write.js';
import { readTrace, readTraceInThread } from '#worker/measure/trace/simpletrace/read-trace.js';
import { parseTraceEvents } from '#worker/measure/trace/trace-events.js';
import { newSample } from '#support/stored-trace.js';

export interface TraceFile {
  readonly path: string;
  readonly eventsPath: string;
  readonly records: number;
  readonly bytes: number;
}

/** The cost of reading a file. */
export interface Effort {
  readonly seconds: number;
  /** CPU time of all processes involved. */
  readonly cpuSeconds: number;
}

/** Reads the file with QEMU's simpletrace.py; its start-up is not counted. */
export function readBySimpletrace({ path, eventsPath }: TraceFile): Effort {
  const docker = (...command: string[]) => execFileSync('docker', command, { encoding: 'utf8' });
  const source = docker(
    'images',
    '--format',
    '{{.Repository}}:{{.Tag}}',
    '--filter',
    'reference=qibench/source:7.2-*',
  ).split('\n')[0]!;
  const mounts = [
    `${dirname(path)}:/in:ro`,
    `${join(process.cwd(), 'test/fixtures')}:/fixtures:ro`,
  ].flatMap((mount) => ['-v', mount]);
  const [seconds, cpuSeconds] = docker(
    'run',
    '--rm',
    '--network',
    'none',
    '--user',
    '0:0',
    ...mounts,
    '-e',
    'PYTHONPATH=/qemu/src/scripts',
    source,
    'python3',
    '-W',
    'ignore',
    '/fixtures/read_trace.py',
    `/in/${basename(eventsPath)}`,
    `/in/${basename(path)}`,
  )
    .split(' ')
    .map(Number);
  return { seconds: seconds!, cpuSeconds: cpuSeconds! };
}

export interface Ingest extends Effort {
  readonly traceId: string;
  /** CPU time of this process, all threads. */
  readonly nodeSeconds: number;
  /** CPU time of all processes of Postgres. */
  readonly postgresSeconds: number;
  readonly longestBlockMs: number;
  /** Growth of this process' largest resident set meanwhile. */
  readonly grownBytes: number;
}

/** Reads and stores a file like the worker. */
export async function ingest(
  store: Store,
  { path, eventsPath }: TraceFile,
  dataFolder: string,
): Promise<Ingest> {
  const eventsFile = readFileSync(eventsPath, 'utf8');
  const owner = await newSample(store);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let largestBytes = 0;
  const watch = setInterval(
    () => (largestBytes = Math.max(largestBytes, process.memoryUsage.rss())),
    50,
  );
  const before = {
    bytes: process.memoryUsage.rss(),
    ms: performance.now(),
    cpu: process.cpuUsage(),
    postgres: postgresSeconds(dataFolder),
  };
  const reader = readTraceInThread(createReadStream(path, { highWaterMark: 64 * 1024 }), {
    events: parseTraceEvents(eventsFile),
    maxBytes: Infinity,
  });
  const { traceId } = await writeTrace(store.pool, owner, { reader, eventsFile });
  const seconds = (performance.now() - before.ms) / 1000;
  const cpu = process.cpuUsage(before.cpu);
  delay.disable();
  clearInterval(watch);
  const nodeSeconds = (cpu.user + cpu.system) / 1e6;
  const inPostgres = postgresSeconds(dataFolder) - before.postgres;
  return {
    traceId,
    seconds,
    cpuSeconds: nodeSeconds + inPostgres,
    nodeSeconds,
    postgresSeconds: inPostgres,
    longestBlockMs: delay.max / 1e6,
    grownBytes: largestBytes - before.bytes,
  };
}

/**
 * Stores one row per record with COPY in the text format, without an index, and returns the row
 * size. Rows contain numbers only: a text is its index in a list that is not stored, which favours
 * this way.
 */
export async function copyRows(
  store: Store,
  { path, eventsPath }: TraceFile,
  dataFolder: string,
): Promise<Effort & { bytesPerRecord: number }> {
  await store.pool.query(
    'CREATE TABLE bench_record (trace_id BIGINT, sequence BIGINT, timestamp_ns BIGINT, event ' +
      'SMALLINT, pid INTEGER, arguments BIGINT[])',
  );
  const events = parseTraceEvents(readFileSync(eventsPath, 'utf8'));
  let records = 0;
  async function* rows(): AsyncGenerator<string> {
    const reader = readTrace(createReadStream(path), { events, maxBytes: Infinity });
    for (let step = await reader.next(); step.done !== true; step = await reader.next()) {
      const chunk = unpackChunk(step.value);
      const words = chunk.arguments.map((column) => new BigInt64Array(column.buffer));
      const times = new BigInt64Array(chunk.timestamps.buffer);
      const lines: string[] = [];
      for (let row = 0; row < chunk.count; row += 1, records += 1) {
        const fields = [1, records, times[row], chunk.events[row], chunk.pids[row]];
        lines.push(`${fields.join('\t')}\t{${words.map((column) => column[row]).join(',')}}\n`);
      }
      yield lines.join('');
    }
  }
  const client = await store.pool.connect();
  const before = {
    ms: performance.now(),
    cpu: process.cpuUsage(),
    postgres: postgresSeconds(dataFolder),
  };
  try {
    await pipeline(Readable.from(rows()), client.query(copyFrom('COPY bench_record FROM STDIN')));
  } finally {
    client.release();
  }
  const seconds = (performance.now() - before.ms) / 1000;
  const cpu = process.cpuUsage(before.cpu);
  const cpuSeconds = (cpu.user + cpu.system) / 1e6 + postgresSeconds(dataFolder) - before.postgres;
  const {
    rows: [size],
  } = await store.pool.query<{ bytes: string }>(
    "SELECT pg_total_relation_size('bench_record') AS bytes",
  );
  await store.pool.query('DROP TABLE bench_record');
  return { seconds, cpuSeconds, bytesPerRecord: Number(size!.bytes) / records };
}

/** Returns the CPU time of the server on the data folder and of its live processes. */
function postgresSeconds(dataFolder: string): number {
  const server = readFileSync(join(dataFolder, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]!;
  // CPU time of ended children.
  const childrenOf = (fields: string[]) => Number(fields[13]) + Number(fields[14]);
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      if (pid === server || fields[1] === server)
        ticks +=
          Number(fields[11]) + Number(fields[12]) + (pid === server ? childrenOf(fields) : 0);
    } catch {
      // The process has ended meanwhile.
    }
  }
  return ticks / 100; // USER_HZ
}
