/** A TraceRecord (services/contract/trace.ts) per line. */
import type { Trace, TraceRecord } from '../contract/trace.js';

/** The file in pieces, one per batch of records. */
export async function* writeTraceNdjson(
  _trace: Trace,
  batches: AsyncIterable<readonly TraceRecord[]>,
): AsyncGenerator<string> {
  for await (const batch of batches)
    yield batch
      .map((record) => `${JSON.stringify({ schema: 'qibench.trace-record/1', ...record })}\n`)
      .join('');
}
