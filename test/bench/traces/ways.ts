// Ways to read a trace file that are compared.
import { execFileSync } from 'node:child_process';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { from as copyFrom } from 'pg-copy-streams';
import { unpackChunk } from '../../../services/domain/trace/chunk.js';
import type { Store } from '../../../services/store/store.js';
import { writeTrace } from '../../../services/store/trace-write.js';
import { readTrace, readTraceInThread } from '../../../worker/collect/simpletrace/read-trace.js';
import { parseTraceEvents } from '../../../worker/collect/trace-events.js';
import { newSample } from '../../stored-trace.js';

export interface TraceFile {
  readonly path: string;
  readonly eventsPath: string;
  readonly records: number;
  readonly bytes: number;
}

/** Seconds that QEMU's simpletrace.py takes to read the file, its start not counted. */
export function readBySimpletrace({ path, eventsPath }: TraceFile): number {
  const docker = (...command: string[]) => execFileSync('docker', command, { encoding: 'utf8' });
  const source = docker('images', '--format', '{{.Repository}}:{{.Tag}}', '--filter', 'reference=qibench/source:7.2-*').split('\n')[0]!;
  const mounts = [`${dirname(path)}:/in:ro`, `${join(process.cwd(), 'test/fixtures')}:/fixtures:ro`].flatMap((mount) => ['-v', mount]);
  return Number(docker('run', '--rm', '--network', 'none', '--user', '0:0', ...mounts, '-e', 'PYTHONPATH=/qemu/src/scripts', source,
    'python3', '-W', 'ignore', '/fixtures/read_trace.py', `/in/${basename(eventsPath)}`, `/in/${basename(path)}`));
}

export interface Ingest {
  readonly traceId: string;
  readonly seconds: number;
  /** CPU time of this process, all threads. */
  readonly nodeSeconds: number;
  /** CPU time of all of Postgres. */
  readonly postgresSeconds: number;
  readonly longestBlockMs: number;
}

/** Read and store a file as the worker does. */
export async function ingest(store: Store, { path, eventsPath }: TraceFile, dataFolder: string): Promise<Ingest> {
  const eventsFile = readFileSync(eventsPath, 'utf8');
  const owner = await newSample(store);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const before = { ms: performance.now(), cpu: process.cpuUsage(), postgres: postgresSeconds(dataFolder) };
  const reader = readTraceInThread(createReadStream(path, { highWaterMark: 64 * 1024 }), { events: parseTraceEvents(eventsFile), maxBytes: Infinity });
  const { traceId } = await writeTrace(store.pool, owner, { reader, eventsFile });
  const cpu = process.cpuUsage(before.cpu);
  delay.disable();
  return {
    traceId,
    seconds: (performance.now() - before.ms) / 1000,
    nodeSeconds: (cpu.user + cpu.system) / 1e6,
    postgresSeconds: postgresSeconds(dataFolder) - before.postgres,
    longestBlockMs: delay.max / 1e6,
  };
}

/**
 * Seconds that it takes to store a row per record by COPY in the text format, without an index, and what a row takes.
 * Numbers only: a text is its place in a list that is not stored, which is in favour of this way.
 */
export async function copyRows(store: Store, { path, eventsPath }: TraceFile): Promise<{ seconds: number; bytesPerRecord: number }> {
  await store.pool.query('CREATE TABLE bench_record (trace_id BIGINT, sequence BIGINT, timestamp_ns BIGINT, event SMALLINT, pid INTEGER, arguments BIGINT[])');
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
        lines.push(`1\t${records}\t${times[row]}\t${chunk.events[row]}\t${chunk.pids[row]}\t{${words.map((column) => column[row]).join(',')}}\n`);
      }
      yield lines.join('');
    }
  }
  const client = await store.pool.connect();
  const startMs = performance.now();
  try {
    await pipeline(Readable.from(rows()), client.query(copyFrom('COPY bench_record FROM STDIN')));
  } finally {
    client.release();
  }
  const seconds = (performance.now() - startMs) / 1000;
  const { rows: [size] } = await store.pool.query<{ bytes: string }>("SELECT pg_total_relation_size('bench_record') AS bytes");
  await store.pool.query('DROP TABLE bench_record');
  return { seconds, bytesPerRecord: Number(size!.bytes) / records };
}

/** CPU time of the server that has the data folder, and of its processes that are alive. */
function postgresSeconds(dataFolder: string): number {
  const server = readFileSync(join(dataFolder, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]!;
  const childrenOf = (fields: string[]) => Number(fields[13]) + Number(fields[14]); // those that have ended
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
      if (pid === server || fields[1] === server) ticks += Number(fields[11]) + Number(fields[12]) + (pid === server ? childrenOf(fields) : 0);
    } catch {
      // It has ended meanwhile.
    }
  }
  return ticks / 100; // USER_HZ
}
