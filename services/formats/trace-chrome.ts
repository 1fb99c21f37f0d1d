// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Trace Event Format, read by Perfetto and chrome://tracing: an instant event (`i`) per record.
 *
 * `tid` is the record's pid, which the `record` example sets to the thread. `ts` is the trace's
 * time in µs with three decimals; a double represents it exactly up to 2^53 ns, 104 days after the
 * host started. Arguments are text, as 64-bit numbers would be rounded.
 *
 * @see https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
 */
import type { Trace, TraceRecord } from '#contract/trace.js';

/** Yields the document in pieces, one per batch of records. */
export async function* writeChromeTrace(
  trace: Trace,
  batches: AsyncIterable<readonly TraceRecord[]>,
): AsyncGenerator<string> {
  const { id, jobId, variant, workload, block, records, dropped, partialReason } = trace;
  const otherData = {
    trace: id,
    job: jobId,
    variant,
    workload,
    block,
    records,
    dropped,
    partialReason,
  };
  yield `{"displayTimeUnit":"ns","otherData":${JSON.stringify(otherData)},"traceEvents":[\n`;
  yield '{"ph":"M","name":"process_name","pid":1,"args":{"name":"QEMU"}}';
  for await (const batch of batches) yield batch.map((record) => `,\n${eventOf(record)}`).join('');
  yield '\n]}\n';
}

const eventOf = ({ event, timestampNs, pid, sequence, arguments: values }: TraceRecord): string =>
  `{"ph":"i","s":"t","cat":"qemu","name":"${event}","pid":1,"tid":${pid},` +
  `"ts":${microseconds(timestampNs)},"args":${JSON.stringify({ ...values, sequence })}}`;

function microseconds(ns: string): string {
  const digits = ns.padStart(4, '0');
  return `${digits.slice(0, -3)}.${digits.slice(-3)}`;
}
