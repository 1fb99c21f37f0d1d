// SPDX-License-Identifier: GPL-2.0-or-later
/** CSV of trace records, following the rules of csv.ts; `arguments` is JSON. */
import type { Trace, TraceRecord } from '#contract/trace.js';
import { line, text } from './csv.js';

/** Yields the file in pieces, one per batch of records. */
export async function* writeTraceCsv(
  _trace: Trace,
  batches: AsyncIterable<readonly TraceRecord[]>,
): AsyncGenerator<string> {
  yield line(['sequence', 'timestamp_ns', 'event', 'pid', 'arguments']);
  for await (const batch of batches) {
    yield batch
      .map(({ sequence, timestampNs, event, pid, arguments: values }) =>
        line([sequence, timestampNs, text(event), String(pid), text(JSON.stringify(values))]),
      )
      .join('');
  }
}
