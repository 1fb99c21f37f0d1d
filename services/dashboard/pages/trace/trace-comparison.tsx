// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import type { Trace, TraceRecord } from '#contract/trace.js';
import type { TraceComparison } from '#contract/trace-query.js';
import { sinceFirst } from '#contract/trace-time.js';
import { count, ratio } from '../../format/numbers.js';
import { get, withQuery } from '../../http/client.js';
import { Loaded } from '../../components/loaded.js';
import { Arguments } from './record-table.js';
import { traceName } from './trace-name.js';
import { useDeclarations } from './use-trace-events.js';

/** Shows the counts per event and the first record at which two traces differ. */
export function TraceComparisonSection({ a, b }: { a: Trace; b: Trace }) {
  const comparison = useQuery({
    queryKey: ['trace-comparison', a.id, b.id],
    queryFn: ({ signal }) => compare(a.id, b.id, signal),
    staleTime: Infinity,
  });
  return (
    <section className="card" aria-labelledby="comparison">
      <h2 id="comparison">Comparison of the two traces</h2>
      <p className="soft">
        Record by record in file order: events and arguments are compared, times and pids are not.
      </p>
      <Loaded query={comparison} height={220}>
        {(found) => (
          <>
            <Divergence a={a} b={b} comparison={found} />
            <Counts a={a} b={b} comparison={found} />
          </>
        )}
      </Loaded>
    </section>
  );
}

/**
 * Requests further parts of the comparison until one contains a difference or the last is reached:
 * one answer covers a limited number of records.
 */
async function compare(a: string, b: string, signal: AbortSignal): Promise<TraceComparison> {
  let after: string | null = null;
  for (;;) {
    const answer: TraceComparison = await get<TraceComparison>(
      withQuery('/v1/traces/compare', { a, b, after }),
      signal,
    );
    if (answer.next === null || answer.divergence !== null) return answer;
    after = answer.next;
  }
}

interface Compared {
  a: Trace;
  b: Trace;
  comparison: TraceComparison;
}

function Divergence({ a, b, comparison: { divergence, compared } }: Compared) {
  if (divergence === null) {
    return (
      <p>
        <span className="badge better">
          <span aria-hidden="true">✓</span>equal
        </span>{' '}
        All {count(compared)} records stored in both traces are equal.
      </p>
    );
  }
  return (
    <>
      <p>
        <span className="badge unsure">
          <span aria-hidden="true">≠</span>differ
        </span>{' '}
        Record {count(divergence.index)} is the first that differs, after {count(compared)} equal
        records:
      </p>
      <dl className="divergence">
        <Side trace={a} record={divergence.a} />
        <Side trace={b} record={divergence.b} />
      </dl>
    </>
  );
}

function Side({ trace, record }: { trace: Trace; record: TraceRecord | null }) {
  const declarations = useDeclarations(trace);
  return (
    <div>
      <dt>{traceName(trace)}</dt>
      <dd>
        {record === null ? (
          'the trace has ended'
        ) : (
          <>
            <span className="soft">{sinceFirst(record.timestampNs, trace)}</span>{' '}
            <strong className="mono">{record.event}</strong>{' '}
            <Arguments record={record} declaration={declarations.get(record.event)} />
          </>
        )}
      </dd>
    </div>
  );
}

function Counts({ a, b, comparison: { counts } }: Compared) {
  return (
    <div
      className="table-scroll inside statistics"
      tabIndex={0}
      role="region"
      aria-label="Counts per event"
    >
      <table>
        <thead>
          <tr>
            <th>Event</th>
            <th className="number">{traceName(a)}</th>
            <th className="number">{traceName(b)}</th>
            <th className="number">Ratio</th>
          </tr>
        </thead>
        <tbody>
          {counts.map((event) => (
            <tr key={event.event}>
              <td className="mono">{event.event}</td>
              <td className="number">{count(event.a)}</td>
              <td className="number">{count(event.b)}</td>
              <td className="number">
                {event.a === event.b ? (
                  <span className="soft">equal</span>
                ) : event.a === '0' ? (
                  '–'
                ) : (
                  ratio(Number(event.b) / Number(event.a))
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
