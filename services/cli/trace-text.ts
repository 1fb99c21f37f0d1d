// SPDX-License-Identifier: GPL-2.0-or-later
/** Traces as text; times count from a trace's first record. */
import { printable } from '#client/printable.js';
import { argumentTexts, type Declaration } from '#contract/argument-text.js';
import type { RecordPage, Trace, TraceRecord } from '#contract/trace.js';
import type {
  TraceComparison,
  TraceEventStatistics,
  TraceGap,
  TraceGaps,
} from '#contract/trace-query.js';
import { sinceFirst, timeText } from '#contract/trace-time.js';
import { render } from './render.js';

/** A trace with the declarations of its events. */
export interface DeclaredTrace {
  readonly trace: Trace;
  readonly events: readonly TraceEventStatistics[];
}

const UNDECLARED: Declaration = { arguments: [], format: null };

export function traceLine(trace: Trace): string {
  const marks = [
    ...(trace.dropped === '0' ? [] : [`QEMU dropped ${trace.dropped}`]),
    ...(trace.partialReason === null ? [] : [`partial: ${printable(trace.partialReason)}`]),
    ...(trace.quotaReached ? [`quota reached, ${trace.recordsStored} stored`] : []),
    ...(trace.expiredAt === null ? [] : [`records removed on ${trace.expiredAt}`]),
  ];
  const name = `${printable(trace.workload)} ${printable(trace.variant)} block ${trace.block}`;
  const size = `${trace.records} records, file of ${trace.fileBytes} bytes, stored in ${trace.storedBytes}`;
  return `${trace.id}  ${name}: ${[size, ...marks].join('; ')}`;
}

export const eventLine = ({ name, count, perSecond, interArrival }: TraceEventStatistics): string =>
  `  ${printable(name)}: ${count}` +
  (perSecond === null ? '' : `, ${perSecond.toFixed(0)} per second`) +
  (interArrival === null
    ? ''
    : `, apart p50 ${lengthText(interArrival.p50Ns)}, p99 ${lengthText(interArrival.p99Ns)}, ` +
      `at most ${lengthText(interArrival.maxNs)}`);

/**
 * Formats the first matching records, headed by the time from which theirs count and by whether the
 * limit left out others.
 */
export function recordLines(from: DeclaredTrace, { records, next }: RecordPage): string[] {
  if (records.length === 0) return ['no matching records'];
  return [
    baseLine(from.trace),
    next === null
      ? `all ${records.length} matching records:`
      : `the first ${records.length} matching records; a higher --limit may show more:`,
    ...records.map((record) => recordLine(from, record)),
  ];
}

/** Formats gaps as a table, headed by the time from which theirs count. */
export function gapText(trace: Trace, { gaps }: TraceGaps): string {
  if (gaps.length === 0) return 'no gaps: no pid has two matching records at different times';
  const time = ({ timestampNs }: TraceGap['before']) => sinceFirst(timestampNs, trace);
  const table = render<TraceGap>(
    [
      { head: 'length', cell: ({ durationNs }) => lengthText(durationNs), right: true },
      { head: 'from', cell: ({ before }) => time(before), right: true },
      { head: 'to', cell: ({ after }) => time(after), right: true },
      {
        head: 'records',
        cell: ({ before, after }) => `${before.sequence} → ${after.sequence}`,
        right: true,
      },
      { head: 'pid', cell: ({ pid }) => String(pid), right: true },
      {
        head: 'events',
        cell: ({ before, after }) => `${printable(before.event)} → ${printable(after.event)}`,
      },
    ],
    gaps,
  );
  return `${baseLine(trace)}\n${table}`;
}

/** Formats a comparison; `a` and `b` declare the arguments of the records that differ. */
export function comparisonLines(
  { counts, divergence, compared, complete }: TraceComparison,
  a: DeclaredTrace,
  b: DeclaredTrace,
): string[] {
  const ends =
    divergence === null
      ? [
          `no difference in ${compared} records${complete ? '' : ', but the stored traces are incomplete'}`,
        ]
      : [
          `differ at record ${divergence.index}; times since the first record of each trace:`,
          ...(
            [
              [a, divergence.a],
              [b, divergence.b],
            ] as const
          ).map(([from, record]) =>
            record === null ? '  (ended)' : `  ${recordLine(from, record)}`,
          ),
        ];
  return [
    ...counts.map(({ event, a, b }) => `${printable(event)}: ${a} ${a === b ? '=' : '≠'} ${b}`),
    ...ends,
  ];
}

function baseLine({ firstNs }: Trace): string {
  return `times since the first record, at ${firstNs} ns of the host's clock`;
}

function recordLine(
  { trace, events }: DeclaredTrace,
  { sequence, timestampNs, event, pid, arguments: values }: TraceRecord,
): string {
  const declaration = events.find(({ name }) => name === event) ?? UNDECLARED;
  const texts = argumentTexts(declaration, values).map(
    ([name, text]) => `${printable(name)}=${printable(text)}`,
  );
  return `${sequence}  ${sinceFirst(timestampNs, trace)}  ${pid}  ${printable(event)}(${texts.join(', ')})`;
}

const lengthText = (ns: string): string => timeText(Number(ns));
