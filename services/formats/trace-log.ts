// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Lines as QEMU's `log` backend writes them: thread, time, event and its format with the arguments.
 * The time is the trace's, of the host's monotonic clock. An event whose format is unknown has its
 * arguments as `name=value`.
 */
import type { Trace, TraceRecord } from '#contract/trace.js';
import type { Message } from '#domain/trace/message.js';

/** Yields the file in pieces, one per batch of records. */
export async function* writeTraceLog(
  _trace: Trace,
  batches: AsyncIterable<readonly TraceRecord[]>,
  messages: ReadonlyMap<string, Message>,
): AsyncGenerator<string> {
  for await (const batch of batches)
    yield batch.map((record) => lineOf(record, messages.get(record.event))).join('');
}

function lineOf(
  { event, timestampNs, pid, arguments: values }: TraceRecord,
  message: Message | undefined,
): string {
  const microseconds = timestampNs.slice(0, -3).padStart(7, '0');
  const time = `${microseconds.slice(0, -6)}.${microseconds.slice(-6)}`;
  const text =
    message?.(values) ??
    Object.entries(values)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ');
  return `${pid}@${time}:${event} ${text}\n`;
}
