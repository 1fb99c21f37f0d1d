// SPDX-License-Identifier: GPL-2.0-or-later
import { createReadStream } from 'node:fs';
import { joinWords, type PackedChunk } from '#domain/trace/chunk.js';
import { argumentKind, openChunk, textOf } from '#domain/trace/record.js';
import { readTraceInThread } from '#worker/measure/trace/simpletrace/read-trace.js';
import { parseTraceEvents } from '#worker/measure/trace/trace-events.js';

/** Returns a trace from our reader, in the output form of dump_trace.py. */
export async function readTraceRows(
  file: string,
  traceEvents: string,
): Promise<{ records: string[][]; dropped: number }> {
  const reader = readTraceInThread(createReadStream(file), {
    events: parseTraceEvents(traceEvents),
    maxBytes: Infinity,
  });
  const chunks: PackedChunk[] = [];
  let step = await reader.next();
  for (; step.done !== true; step = await reader.next()) chunks.push(step.value);
  const events = new Map(step.value.events.map((event) => [event.id, event]));
  const records = chunks.flatMap((packed) => {
    const chunk = openChunk({ ...packed, firstSequence: BigInt(packed.firstSequence) });
    return Array.from({ length: chunk.count }, (_, row) => {
      const event = events.get(chunk.events[row]!)!;
      const values = event.arguments.map(({ type }, place) => {
        const words = chunk.arguments[place]!;
        return argumentKind(type) === 'text'
          ? textOf(chunk.texts[words[2 * row]!]!)
          : String(joinWords(words, row));
      });
      return [
        event.name,
        String(joinWords(chunk.timestamps, row)),
        String(chunk.pids[row]),
        ...values,
      ];
    });
  });
  return { records, dropped: step.value.dropped };
}
