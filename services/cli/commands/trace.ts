// SPDX-License-Identifier: GPL-2.0-or-later
import { Option, type Command } from 'commander';
import { QibenchError } from '#contract/error.js';
import type { RecordPage, Trace, TraceList, TraceRecord } from '#contract/trace.js';
import {
  TRACE_FORMATS,
  type TraceComparison,
  type TraceEventList,
  type TraceGaps,
} from '#contract/trace-query.js';
import { parseTraceStart, parseTraceTime } from '#contract/trace-time.js';
import type { Client } from '../client.js';
import type { Context } from '../context.js';
import { download } from '../download.js';
import { completeJobId } from '../job-id.js';
import {
  comparisonLines,
  eventLine,
  gapText,
  recordLines,
  traceLine,
  type DeclaredTrace,
} from '../trace-text.js';
import { wholeNumber } from '../whole-number.js';

/** Records shown of a selection without `--limit`. */
const SELECTED_RECORDS = 20;
const MAX_RECORDS = 1_000_000;
const PAGE_RECORDS = 1_000;

interface Selection {
  readonly event: string[];
  readonly from?: string;
  readonly to?: string;
}

interface RecordOptions extends Selection {
  readonly where: string[];
  readonly limit?: number;
}

interface ExportOptions extends Selection {
  readonly format: string;
  readonly output?: string;
}

/** Adds the commands of `trace`, for the traces of variants with `trace: true`. */
export function traceCommands(program: Command, context: Context): void {
  const trace = program.command('trace').description('stored traces of runs');
  addList(trace, context);
  addShow(trace, context);
  addGaps(trace, context);
  addExport(trace, context);
  addCompare(trace, context);
}

function addList(trace: Command, { client, print }: Context): void {
  trace
    .command('list <job>')
    .description('list the traces of a job')
    .action(async (job: string) => {
      const list = await client().get<TraceList>(
        `/v1/traces?${queryOf({ jobId: await completeJobId(client(), job) })}`,
      );
      print(list, () => list.traces.map(traceLine).join('\n'));
    });
}

function addShow(trace: Command, { client, print }: Context): void {
  selecting(trace.command('show <id>'))
    .description('show the events of a trace, and its first records that match a selection')
    .option(
      '--where <condition>',
      'a condition on an argument, like addr=0x3f8; may be repeated',
      several,
      [],
    )
    .option(
      '--limit <n>',
      `number of records to show, from the first (default: ${SELECTED_RECORDS} with a selection)`,
      wholeNumber(0, MAX_RECORDS),
    )
    .action(async (id: string, options: RecordOptions) => {
      const declared = await declaredTrace(client(), id);
      const { event, where, from, to } = options;
      const selects = event.length + where.length > 0 || from !== undefined || to !== undefined;
      const limit = options.limit ?? (selects ? SELECTED_RECORDS : 0);
      const page =
        limit === 0 ? null : await firstRecords(client(), declared.trace, options, limit);
      print({ ...declared, records: [], ...page }, () =>
        [
          traceLine(declared.trace),
          'events of the whole trace:',
          ...declared.events.map(eventLine),
          ...(page === null ? [] : recordLines(declared, page)),
        ].join('\n'),
      );
    });
}

function addGaps(trace: Command, { client, print }: Context): void {
  selecting(trace.command('gaps <id>'))
    .description('find the longest times between consecutive records of one pid')
    .option('--limit <n>', 'number of gaps to show', wholeNumber(1, 1_000), 10)
    .action(async (id: string, options: Selection & { limit: number }) => {
      const found = await client().get<Trace>(path(id));
      const query = queryOf({ ...rangeOf(options, found), limit: String(options.limit) });
      const gaps = await client().get<TraceGaps>(`${path(id)}/gaps?${query}`);
      print(gaps, () => gapText(found, gaps));
    });
}

function addExport(trace: Command, { client }: Context): void {
  selecting(trace.command('export <id>'))
    .description(
      'export a trace as a file: chrome (for Perfetto), csv, ndjson, raw (as QEMU wrote it), ' +
        'or events-file (the list of events that decodes the raw file)',
    )
    .addOption(
      new Option('--format <format>', 'format of the file; raw and events-file are always whole')
        .choices([...TRACE_FORMATS, 'raw', 'events-file'])
        .makeOptionMandatory(),
    )
    .option('-o, --output <file>', 'write to this file instead of standard output')
    .action(async (id: string, { format, output, ...selection }: ExportOptions) => {
      const exported = await exportPath(client(), id, format, selection);
      await download(client(), exported, output, { binary: format === 'raw' });
    });
}

function addCompare(trace: Command, { client, print }: Context): void {
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
      const sides = [await declaredTrace(client(), a), await declaredTrace(client(), b)] as const;
      let comparison: TraceComparison;
      let after = '0';
      do {
        comparison = await client().get<TraceComparison>(
          `/v1/traces/compare?${queryOf({ a, b, after, ignore })}`,
        );
        after = comparison.next ?? after;
      } while (comparison.next !== null);
      print(comparison, () => comparisonLines(comparison, ...sides).join('\n'));
      if (comparison.divergence !== null) process.exitCode = 1;
    });
}

/** Adds the options that select records by event and time. */
function selecting(command: Command): Command {
  return command
    .option('--event <name>', 'only this event; may be repeated', several, [])
    .option(
      '--from <time>',
      "earliest time: 62.269us since the first record, or ns of the host's clock",
    )
    .option('--to <time>', 'latest time');
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

async function declaredTrace(client: Client, id: string): Promise<DeclaredTrace> {
  const trace = await client.get<Trace>(path(id));
  return { trace, ...(await client.get<TraceEventList>(`${path(id)}/events`)) };
}

/**
 * Returns the query parameters of a selection.
 * @throws {BAD_USAGE} A time is malformed, or the selection begins outside the trace or after its
 *   own end.
 */
export function rangeOf({ event, from, to }: Selection, trace: Pick<Trace, 'firstNs' | 'lastNs'>) {
  const fromNs = timeOf('--from', from, (text) => parseTraceStart(text, trace));
  const toNs = timeOf('--to', to, (text) => parseTraceTime(text, trace));
  if (fromNs !== undefined && toNs !== undefined && toNs < fromNs)
    throw new QibenchError('BAD_USAGE', { reason: `--to: "${to}" is before --from "${from}"` });
  return { event, fromNs: fromNs?.toString(), toNs: toNs?.toString() };
}

function timeOf(
  option: string,
  text: string | undefined,
  parse: (text: string) => bigint | string,
): bigint | undefined {
  const parsed = text === undefined ? undefined : parse(text);
  if (typeof parsed === 'string')
    throw new QibenchError('BAD_USAGE', { reason: `${option}: ${parsed}` });
  return parsed;
}

/**
 * Reads pages until the limit. An empty page may have a successor.
 * @returns The records, and `next` of the last page that was read: null if no more records match.
 */
async function firstRecords(
  client: Client,
  trace: Trace,
  options: RecordOptions,
  limit: number,
): Promise<RecordPage> {
  const selection = { ...rangeOf(options, trace), where: options.where };
  const records: TraceRecord[] = [];
  let next: string | null = null;
  while (records.length < limit) {
    const pageLimit = String(Math.min(PAGE_RECORDS, limit - records.length));
    const query = queryOf({ ...selection, after: next, limit: pageLimit });
    const page: RecordPage = await client.get<RecordPage>(`${path(trace.id)}/records?${query}`);
    records.push(...page.records);
    next = page.next;
    if (next === null) break;
  }
  return { records, next };
}

/**
 * Returns the path of an export.
 * @throws {BAD_USAGE} A part of a file that is always whole is wanted, or a time is malformed.
 */
async function exportPath(
  client: Client,
  id: string,
  format: string,
  selection: Selection,
): Promise<string> {
  const { event, from, to } = selection;
  const parts = event.length > 0 || from !== undefined || to !== undefined;
  if (format === 'raw' || format === 'events-file') {
    if (parts)
      throw new QibenchError('BAD_USAGE', {
        reason: `--event, --from and --to: a file of --format ${format} is always whole`,
      });
    return `${path(id)}/${format}`;
  }
  const range = parts ? rangeOf(selection, await client.get<Trace>(path(id))) : {};
  return `${path(id)}/export?${queryOf({ format, ...range })}`;
}
