// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import type { Trace } from '#contract/trace.js';
import type { TraceGap, TraceGaps } from '#contract/trace-query.js';
import { sinceFirst, timeText } from '#contract/trace-time.js';
import { count } from '../../format/numbers.js';
import { get, withQuery } from '../../http/client.js';
import { Loaded } from '../../components/loaded.js';
import { PID_TITLE } from './pid-title.js';
import { traceName } from './trace-name.js';
import { originOf } from './trace-times.js';
import { changed, useAddress } from './use-address.js';
import { useRecordFilter } from './use-record-filter.js';
import { timeParameter } from './use-view.js';

/** Time shown before and after a gap, as a share of its length. */
const MARGIN = 0.5;

interface GapSectionProps {
  trace: Trace;
  second: boolean;
  several: boolean;
}

/** Lists the longest gaps of a trace, each with a link that shows the time around it. */
export function GapSection({ trace, second, several }: GapSectionProps) {
  const [{ event }] = useRecordFilter(trace, second);
  const gaps = useQuery({
    queryKey: ['trace-gaps', trace.id, event],
    queryFn: ({ signal }) =>
      get<TraceGaps>(withQuery(`/v1/traces/${trace.id}/gaps`, { event }), signal),
    staleTime: Infinity,
    enabled: trace.expiredAt === null,
  });
  const heading = `gaps-${trace.id}`;
  return (
    <section className="card" aria-labelledby={heading}>
      <div className="card-head">
        <h2 id={heading}>Longest gaps{several ? ` of ${traceName(trace)}` : ''}</h2>
        <span className="soft break">
          between consecutive records of one pid: {event === '' ? 'all events' : event}
        </span>
      </div>
      {trace.expiredAt !== null ? (
        <p className="empty">The records of this trace have been removed.</p>
      ) : (
        <Loaded query={gaps} height={160}>
          {(list) => <GapTable trace={trace} gaps={list.gaps} />}
        </Loaded>
      )}
    </section>
  );
}

function GapTable({ trace, gaps }: { trace: Trace; gaps: readonly TraceGap[] }) {
  const addressOf = useGapAddress(trace);
  if (gaps.length === 0)
    return <p className="empty">No pid has two such records at different times.</p>;
  return (
    <div className="table-scroll inside statistics" tabIndex={0} role="region" aria-label="Gaps">
      <table>
        <thead>
          <tr>
            <th className="number">Length</th>
            <th className="number">From</th>
            <th className="number">To</th>
            <th className="number">Between records</th>
            <th>Events</th>
            <th className="number" title={PID_TITLE}>
              pid
            </th>
          </tr>
        </thead>
        <tbody>
          {gaps.map((gap) => {
            const { durationNs, pid, before, after } = gap;
            return (
              <tr key={`${before.sequence} ${after.sequence}`}>
                <td className="number">
                  <Link href={addressOf(gap)} onClick={showTimeline}>
                    {timeText(Number(durationNs))}
                  </Link>
                </td>
                <td className="number">{sinceFirst(before.timestampNs, trace)}</td>
                <td className="number">{sinceFirst(after.timestampNs, trace)}</td>
                <td className="number">
                  {count(before.sequence)} and {count(after.sequence)}
                </td>
                <td className="mono">
                  {before.event} → {after.event}
                </td>
                <td className="number">{pid}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** Returns the address of the page with a gap in the middle, and the cursor at its start. */
function useGapAddress(trace: Trace): (gap: TraceGap) => string {
  const [path] = useLocation();
  const [search] = useAddress();
  return ({ durationNs, before }) => {
    const fromNs = Number(BigInt(before.timestampNs) - originOf(trace));
    const [length, margin] = [Number(durationNs), MARGIN * Number(durationNs)];
    const parameters = changed(search, {
      from: timeParameter(fromNs - margin),
      to: timeParameter(fromNs + length + margin),
      at: timeParameter(fromNs),
    });
    return `${path}?${parameters}`;
  };
}

const showTimeline = () => document.getElementById('timeline')?.scrollIntoView();
