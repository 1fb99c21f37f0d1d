// SPDX-License-Identifier: GPL-2.0-or-later
import type { Trace } from '#contract/trace.js';
import type { TraceFormat } from '#contract/trace-query.js';
import { bytes } from '../../format/numbers.js';
import { addressOf } from '../../http/address.js';
import { traceName } from './trace-name.js';

const FORMATS: readonly { format: TraceFormat; words: string }[] = [
  { format: 'perfetto', words: 'Perfetto' },
  { format: 'chrome', words: 'Chrome JSON' },
  { format: 'ctf', words: 'CTF, for babeltrace2' },
  { format: 'log', words: 'QEMU’s log lines' },
  { format: 'csv', words: 'CSV' },
  { format: 'ndjson', words: 'NDJSON' },
];

/** Links to the trace as a file. */
export function TraceExports({ trace, several }: { trace: Trace; several: boolean }) {
  const removed = trace.expiredAt !== null;
  const heading = `exports-${trace.id}`;
  return (
    <section className="card" aria-labelledby={heading}>
      <h2 id={heading}>Download{several ? ` ${traceName(trace)}` : ''}</h2>
      {removed ? (
        <p className="soft">The records of this trace have been removed.</p>
      ) : (
        <div className="row">
          <a className="button" href={addressOf(`/v1/traces/${trace.id}/raw`)} download>
            QEMU’s own file ({bytes(trace.rawBytes)})
          </a>
          {FORMATS.map(({ format, words }) => (
            <a
              key={format}
              className="button"
              href={addressOf(`/v1/traces/${trace.id}/export?format=${format}`)}
              download
            >
              {words}
            </a>
          ))}
        </div>
      )}
    </section>
  );
}
