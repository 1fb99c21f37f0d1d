// SPDX-License-Identifier: GPL-2.0-or-later
import { Option, type Command } from 'commander';
import { printable } from '#client/printable.js';
import type { RecordPage, Trace, TraceList, TraceRecord } from '#contract/trace.js';
import {
  TRACE_FORMATS,
  type TraceComparison,
  type TraceEventList,
  type TraceEventStatistics,
} from '#contract/trace-query.js';
import type { Client } from '../client.js';
import type { Context } from '../context.js';
import { download } from '../download.js';
import { completeJobId } from '../job-id.js';

interface RecordOptions {
  readonly event: string[];
  readonly where: string[];
  readonly from?: string;
  readonly to?: string;
  readonly limit: string;
}

const several = (value: string, before: string[]): string[] => [...before, value];
/** Returns a query string. A list becomes a repeated parameter. */
function queryOf(
  parameters: Record<string, string | readonly string[] | undefined | null>,
): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value == null ? [] : [value].flat().map((item) => [name, item] as [string, string]),
  );
  return new URLSearchParams(pairs).toString();
}

const path = (id: string): string => `/v1/traces/${encodeURIComponent(id)}`;

/** Adds the commands of `trace`, for the traces of variants with `trace: true`. */
export function traceCommands(program: Command, { client, print }: Context): void {
  const trace = program.command('trace').description('stored traces of runs');
  trace
    .command('list <job>')
    .description('list the traces of a job')
    .action(async (job: string) => {
      const list = await client().get<TraceList>(
        `/v1/traces?${queryOf({ jobId: await completeJobId(client(), job) })}`,
      );
      print(list, () => list.traces.map(traceLine).join('\n'));
    });

  trace
    .command('show <id>')
    .description('show the events of a trace, and with --limit its first records')
    .option('--event <name>', 'only this event; may be repeated', several, [])
    .option(
      '--where <condition>',
      'a condition on an argument, like addr=0x3f8; may be repeated',
      several,
      [],
    )
    .option('--from <ns>', 'earliest time')
    .option('--to <ns>', 'latest time')
    .option('--limit <n>', 'number of records to show, from the first', '0')
    .action(async (id: string, options: RecordOptions) => {
      const found = await client().get<Trace>(path(id));
      const { events } = await client().get<TraceEventList>(`${path(id)}/events`);
      const records = await firstRecords(client(), id, options);
      print({ trace: found, events, records }, () =>
        [traceLine(found), ...events.map(eventLine), ...records.map(recordLine)].join('\n'),
      );
    });

  trace
    .command('export <id>')
    .description(
      'export a trace as a file: chrome (for Perfetto), csv, ndjson, raw (as QEMU wrote it), ' +
        'or events-file (the list of events that decodes the raw file)',
    )
    .addOption(
      new Option('--format <format>', 'format of the file')
        .choices([...TRACE_FORMATS, 'raw', 'events-file'])
        .makeOptionMandatory(),
    )
    .option('--event <name>', 'only this event; may be repeated; not for raw files', several, [])
    .option('-o, --output <file>', 'write to this file instead of standard output')
    .action(
      async (
        id: string,
        { format, event, output }: { format: string; event: string[]; output?: string },
      ) => {
        const whole = format === 'raw' || format === 'events-file';
        await download(
          client(),
          whole ? `${path(id)}/${format}` : `${path(id)}/export?${queryOf({ format, event })}`,
          output,
          { binary: format === 'raw' },
        );
      },
    );

  trace
    .command('compare <a> <b>')
    .description('compare two traces: counts per event, and the first record that differs')
    .option(
      '--ignore <argument>',
      'an argument that may differ, like a pointer; may be repeated',
      several,
      [],
    )
    .action(async (a: string, b: string, { ignore }: { ignore: string[] }) => {
      let comparison: TraceComparison;
      let after = '0';
      do {
        comparison = await client().get<TraceComparison>(
          `/v1/traces/compare?${queryOf({ a, b, after, ignore })}`,
        );
        after = comparison.next ?? after;
      } while (comparison.next !== null);
      print(comparison, () => comparisonLines(comparison).join('\n'));
      if (comparison.divergence !== null) process.exitCode = 1;
    });
}

/** Reads pages until the limit. An empty page may have a successor. */
async function firstRecords(
  client: Client,
  id: string,
  options: RecordOptions,
): Promise<TraceRecord[]> {
  const limit = Number(options.limit);
  const records: TraceRecord[] = [];
  let after: string | null = null;
  while (records.length < limit) {
    const { event, where, from: fromNs, to: toNs } = options;
    const pageLimit = String(Math.min(1_000, limit - records.length));
    const query = queryOf({ event, where, fromNs, toNs, after, limit: pageLimit });
    const page: RecordPage = await client.get<RecordPage>(`${path(id)}/records?${query}`);
    records.push(...page.records);
    if (page.next === null) break;
    after = page.next;
  }
  return records;
}

function traceLine(trace: Trace): string {
  const marks = [
    ...(trace.dropped === '0' ? [] : [`QEMU dropped ${trace.dropped}`]),
    ...(trace.partialReason === null ? [] : [`partial: ${printable(trace.partialReason)}`]),
    ...(trace.quotaReached ? [`quota reached, ${trace.recordsStored} stored`] : []),
    ...(trace.expiredAt === null ? [] : [`records removed on ${trace.expiredAt}`]),
  ];
  const name = `${printable(trace.workload)} ${printable(trace.variant)} block ${trace.block}`;
  const size = `${trace.records} records, ${trace.storedBytes} of ${trace.fileBytes} bytes`;
  return `${trace.id}  ${name}: ${[size, ...marks].join('; ')}`;
}

const eventLine = ({ name, count, perSecond, interArrival }: TraceEventStatistics): string =>
  `  ${name}: ${count}` +
  (perSecond === null ? '' : `, ${perSecond.toFixed(0)} per second`) +
  (interArrival === null
    ? ''
    : `, apart p50 ${interArrival.p50Ns} ns, p99 ${interArrival.p99Ns} ns, ` +
      `at most ${interArrival.maxNs} ns`);

const recordLine = ({
  sequence,
  timestampNs,
  event,
  pid,
  arguments: values,
}: TraceRecord): string =>
  `${sequence}  ${timestampNs} ns  ${pid}  ${event}(${Object.entries(values)
    .map(([name, value]) => `${name}=${printable(value)}`)
    .join(', ')})`;

function comparisonLines({ counts, divergence, compared, complete }: TraceComparison): string[] {
  const ends =
    divergence === null
      ? [
          `no difference in ${compared} records${complete ? '' : ', but the stored traces are incomplete'}`,
        ]
      : [
          `differ at record ${divergence.index}:`,
          ...[divergence.a, divergence.b].map((record) =>
            record === null ? '  (ended)' : `  ${recordLine(record)}`,
          ),
        ];
  return [
    ...counts.map(({ event, a, b }) => `${event}: ${a} ${a === b ? '=' : '≠'} ${b}`),
    ...ends,
  ];
}
