import { useQuery } from '@tanstack/react-query';
import type { Trace } from '../../../contract/trace.js';
import type { TraceEventList } from '../../../contract/trace-query.js';
import { count, duration, shortCount } from '../../format/numbers.js';
import { get } from '../../http/client.js';
import { Loaded } from '../../parts/loaded.js';
import { nameOf } from './trace-page.js';

/** How many records each event has, how often, and how far apart. */
export function EventStatistics({ trace, several }: { trace: Trace; several: boolean }) {
  const events = useQuery({
    queryKey: ['trace-events', trace.id],
    queryFn: ({ signal }) => get<TraceEventList>(`/v1/traces/${trace.id}/events`, signal),
    staleTime: Infinity,
  });
  const heading = `statistics-${trace.id}`;
  return (
    <section className="card" aria-labelledby={heading}>
      <div className="card-head">
        <h2 id={heading}>Statistics per event{several ? ` of ${nameOf(trace)}` : ''}</h2>
        <span className="soft">
          times between records of the event that follow each other in one thread
        </span>
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
                  <th className="number">Least apart</th>
                  <th className="number">Median</th>
                  <th className="number">90 %</th>
                  <th className="number">99 %</th>
                  <th className="number">99.9 %</th>
                  <th className="number">Most</th>
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
