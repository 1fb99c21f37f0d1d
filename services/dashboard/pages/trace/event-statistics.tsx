// SPDX-License-Identifier: GPL-2.0-or-later
import type { Trace } from '#contract/trace.js';
import { count, duration, shortCount } from '../../format/numbers.js';
import { Loaded } from '../../components/loaded.js';
import { traceName } from './trace-name.js';
import { useTraceEvents } from './use-trace-events.js';

/** Shows each event's number of records, its rate and the times between its records. */
export function EventStatistics({ trace, several }: { trace: Trace; several: boolean }) {
  const events = useTraceEvents(trace.id);
  const heading = `statistics-${trace.id}`;
  return (
    <section className="card" aria-labelledby={heading}>
      <div className="card-head">
        <h2 id={heading}>Statistics per event{several ? ` of ${traceName(trace)}` : ''}</h2>
        <span className="soft">times between consecutive records of an event with one pid</span>
      </div>
      <Loaded query={events} height={160}>
        {(list) => (
          <div
            className="table-scroll inside statistics"
            tabIndex={0}
            role="region"
            aria-label="Statistics per event"
          >
            <table>
              <thead>
                <tr>
                  <th>Event</th>
                  <th className="number">Records</th>
                  <th className="number">Per second</th>
                  <th className="number">Minimum</th>
                  <th className="number">Median</th>
                  <th className="number">90 %</th>
                  <th className="number">99 %</th>
                  <th className="number">99.9 %</th>
                  <th className="number">Maximum</th>
                </tr>
              </thead>
              <tbody>
                {list.events.map(({ name, count: records, perSecond, interArrival }) => (
                  <tr key={name}>
                    <td className="mono">{name}</td>
                    <td className="number">{count(records)}</td>
                    <td className="number">{perSecond === null ? '–' : shortCount(perSecond)}</td>
                    {(['minNs', 'p50Ns', 'p90Ns', 'p99Ns', 'p999Ns', 'maxNs'] as const).map(
                      (figure) => (
                        <td key={figure} className="number">
                          {duration(interArrival?.[figure])}
                        </td>
                      ),
                    )}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
    </section>
  );
}
