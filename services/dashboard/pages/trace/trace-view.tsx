// SPDX-License-Identifier: GPL-2.0-or-later
import { useMemo } from 'react';
import type { Trace } from '#contract/trace.js';
import { GapSection } from './gap-section.js';
import { OtherTrace } from './other-trace.js';
import { EventStatistics } from './event-statistics.js';
import { RecordSection } from './record-section.js';
import { Timelines } from './timelines.js';
import { TraceComparisonSection } from './trace-comparison.js';
import { TraceExports } from './trace-exports.js';
import { TraceNotices } from './trace-notices.js';
import { spanOf } from './trace-times.js';
import { useCursor, useStoredView } from './use-view.js';

interface TraceViewProps {
  trace: Trace;
  /** A trace to show beside it, from its own start on. */
  other: Trace | null;
  onChoose: (id: string | null) => void;
}

/** Shows one trace, or two along the same axis. */
export function TraceView({ trace, other, onChoose }: TraceViewProps) {
  const traces = useMemo(() => (other === null ? [trace] : [trace, other]), [trace, other]);
  const spanNs = Math.max(...traces.map(spanOf));
  const shown = useStoredView(trace, spanNs);
  const [cursorNs, setCursorNs] = useCursor(trace);
  const empty = traces.every(({ firstNs }) => firstNs === null);
  return (
    <>
      {traces.map((item) => (
        <TraceNotices key={item.id} trace={item} />
      ))}
      <section className="card" aria-labelledby="timeline">
        <div className="card-head">
          <h2 id="timeline">Timeline</h2>
          <OtherTrace trace={trace} other={other} onChoose={onChoose} />
        </div>
        {empty ? (
          <p className="empty">The trace has no records.</p>
        ) : (
          <Timelines traces={traces} spanNs={spanNs} cursorNs={cursorNs} onCursor={setCursorNs} />
        )}
      </section>
      {other !== null && <TraceComparisonSection a={trace} b={other} />}
      {!empty &&
        traces.map((item) => (
          <RecordSection
            key={item.id}
            trace={item}
            shown={shown}
            cursorNs={cursorNs}
            second={item === other}
            several={other !== null}
          />
        ))}
      {!empty &&
        traces.map((item) => (
          <GapSection key={item.id} trace={item} second={item === other} several={other !== null} />
        ))}
      {traces.map((item) => (
        <EventStatistics key={item.id} trace={item} several={other !== null} />
      ))}
      {traces.map((item) => (
        <TraceExports key={item.id} trace={item} several={other !== null} />
      ))}
    </>
  );
}
