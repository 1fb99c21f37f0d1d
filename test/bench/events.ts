// SPDX-License-Identifier: GPL-2.0-or-later
// Measures the cost of an event per way to handle it: `npm run bench:events [-- --minutes N]
// [--within 2m] [--no-aa] [--state FILE] [LINE …]`. Each of LINES is one job with default settings,
// measured until its overheads are decided. An A/A job before the first job of a guest measures the
// effect of layout. Prints the tables of docs/instrumentation.md. Numbers as arguments select
// entries of LINES. The state file stores every finished job: a second run resumes, and `--minutes
// 0` only prints.
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '#cli/client.js';
import type { Comparison, ComparisonRow } from '#contract/comparison.js';
import type { HostList } from '#contract/host.js';
import {
  answerWords,
  bendWords,
  movedWords,
  perEventWords,
  startWords,
} from '#contract/verdict-words.js';
import { programOptions } from '#support/program-options.js';
import { uploadFiles } from '#support/upload.js';
import { LINES, type Line } from './event-lines.js';
import { openKept, timeBudget } from './kept.js';
import { runJob, withService } from './service.js';
import { markdownTable } from './table.js';

const { values: options, positionals } = programOptions(
  'npm run bench:events -- [--minutes N] [--within 2m] [--no-aa] [--state FILE] [LINE …]',
  {
    minutes: { type: 'string' },
    within: { type: 'string', default: '2m' },
    aa: { type: 'boolean', default: true },
    state: { type: 'string', default: join(tmpdir(), 'qibench-bench-events.json') },
  },
  true,
);
/** The stored results of a job. */
interface Told {
  /** The request, or the guest of an A/A job. */
  readonly key: string;
  readonly rows: readonly ComparisonRow[];
  readonly guests: HostList['hosts'][number]['guests'];
  readonly load: number;
}

const kept = await openKept<Told>(options.state, { within: options.within });
const keyOf = ({ code, request }: Line) => JSON.stringify({ code, request });
const guestOf = ({ request: { qemu, workloads } }: Line) => JSON.stringify({ qemu, workloads });
const toldOf = (key: string) => kept.records.find((record) => record.key === key);
const lines = LINES.filter(
  (_, index) => positionals.length === 0 || positionals.includes(String(index)),
);

async function tell(client: Client, key: string, request: object): Promise<void> {
  const { job } = await runJob(client, {
    name: 'cost of an event',
    measure: { within: options.within },
    ...request,
  });
  const { rows } = await client.get<Comparison>(`/v1/jobs/${job.id}/comparison`);
  const { hosts } = await client.get<HostList>('/v1/hosts');
  const guests = hosts.flatMap((host) => host.guests);
  await kept.add({ key, rows, guests, load: loadavg()[0]! });
  process.stderr.write(`${kept.records.length}: ${key}\n`);
}

function rowsOf(line: Line): string[][] {
  const rows = toldOf(keyOf(line))?.rows ?? [];
  return rows.map((row) => [
    row.workload,
    line.request.events.join(' '),
    row.variant === 'none' ? '' : line.code,
    row.variant,
    `${(row.medianWallNs / 1e6).toFixed(1)} ms`,
    answerWords(row, 'time') ?? '',
    startWords(row.cost) ?? '',
    perEventWords(row.cost) ?? '',
    [bendWords(row.cost), movedWords(row)].filter((words) => words !== null).join('; '),
    row.events ?? '',
    row.recordsDropped ?? '',
  ]);
}

/** Rows of guests: noise of the last measurement, and layout of the last A/A job. */
function guestRows(): string[][] {
  const seen = new Map<string, { noiseSd: number; layoutSd: number | null }>();
  for (const { guests } of kept.records)
    for (const { target, workload, noiseSd, layoutSd } of guests) {
      const key = `${target}: ${workload}`;
      seen.set(key, { noiseSd, layoutSd: layoutSd ?? seen.get(key)?.layoutSd ?? null });
    }
  const percent = (sd: number | null) => (sd === null ? 'not known' : `${(100 * sd).toFixed(1)} %`);
  return [...seen].map(([guest, { noiseSd, layoutSd }]) => [
    guest,
    percent(noiseSd),
    percent(layoutSd),
  ]);
}

const isSpent = timeBudget(options.minutes);
const open = () => lines.filter((line) => toldOf(keyOf(line)) === undefined);
if (!isSpent() && open().length > 0)
  await withService(async (client) => {
    for (const line of open()) {
      if (isSpent()) break;
      const { files, request } = line;
      if (options.aa && toldOf(guestOf(line)) === undefined) {
        const { qemu, workloads, measure } = request;
        await tell(client, guestOf(line), {
          qemu,
          workloads,
          variants: ['none'],
          baseline: 'same',
          ...(measure === undefined ? {} : { measure }),
        });
      }
      if (isSpent()) break;
      const { digest } = await uploadFiles(client, await files());
      await tell(client, keyOf(line), { instrumentation: digest, ...request });
    }
  });
process.stdout.write(
  markdownTable(
    [
      'workload',
      'events',
      'code',
      'variant',
      'median wall',
      'against none',
      'start, ms',
      'ns/event',
      'note',
      'events per run',
      'dropped',
    ],
    lines.flatMap(rowsOf),
  ),
);
process.stdout.write(
  `\n${markdownTable(['guest', 'noise of a pair (sd)', 'layout of a build (sd)'], guestRows())}` +
    `\nLoad average after each job: ${kept.records.map(({ load }) => load.toFixed(1)).join(', ')}.` +
    ` ${cpus().length} × ${cpus()[0]?.model}\n`,
);
process.exit(0);
