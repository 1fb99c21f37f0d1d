// SPDX-License-Identifier: GPL-2.0-or-later
/** Newline-delimited JSON with one TraceRecord (services/contract/trace.ts) a line. */
import type { Trace, TraceRecord } from '#contract/trace.js';

/** Yields the file in pieces, one per batch of records. */
export async function* writeTraceNdjson(
  _trace: Trace,
  batches: AsyncIterable<readonly TraceRecord[]>,
): AsyncGenerator<string> {
  for await (const batch of batches)
    yield batch
      .map((record) => `${JSON.stringify({ schema: 'qibench.trace-record/1', ...record })}\n`)
      .join('');
}
