// SPDX-License-Identifier: GPL-2.0-or-later
import { useMemo, useState } from 'react';
import type { Trace } from '#contract/trace.js';
import { OtherTrace } from './other-trace.js';
import { EventStatistics } from './event-statistics.js';
import { RecordSection } from './record-section.js';
import { Timelines } from './timelines.js';
import { TraceComparisonSection } from './trace-comparison.js';
import { TraceExports } from './trace-exports.js';
import { TraceNotices } from './trace-notices.js';
import { spanOf } from './trace-times.js';

interface TraceViewProps {
  trace: Trace;
  /** A trace to show beside it, from its own start on. */
  other: Trace | null;
  onChoose: (id: string | null) => void;
}

/** Shows one trace, or two along the same axis. */
export function TraceView({ trace, other, onChoose }: TraceViewProps) {
  const traces = useMemo(() => (other === null ? [trace] : [trace, other]), [trace, other]);
  const [cursorNs, setCursorNs] = useState(0);
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
          <Timelines
            traces={traces}
            spanNs={Math.max(...traces.map(spanOf))}
            cursorNs={cursorNs}
            onCursor={setCursorNs}
          />
        )}
      </section>
      {other !== null && <TraceComparisonSection a={trace} b={other} />}
      {!empty &&
        traces.map((item) => (
          <RecordSection key={item.id} trace={item} cursorNs={cursorNs} several={other !== null} />
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
