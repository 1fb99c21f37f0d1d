import { useEffect, useMemo, useRef, useState } from 'react';
import type { Trace } from '../../../contract/trace.js';
import { count } from '../../format/numbers.js';
import { FailureNotice } from '../../parts/error-notice.js';
import { useTheme } from '../../parts/theme.js';
import { drawTimeline, LANE_HEIGHT, RULER_HEIGHT } from './draw-timeline.js';
import { lanesOf, MOST_LANES, type LaneOrder } from './lanes.js';
import type { TileSource } from './tiles.js';
import type { View } from './time-axis.js';
import { originOf, spanOf } from './trace-times.js';
import { useTiles } from './use-tiles.js';

interface TimelineProps {
  trace: Trace;
  /** Null where it is the only one. */
  name: string | null;
  view: View;
  filter: string;
  order: LaneOrder;
  cursorNs: number;
  /** Of the first lane. */
  colour: number;
}

/** A trace's lanes: all events together, then one for each event. */
export function Timeline({ trace, name, view, filter, order, cursorNs, colour }: TimelineProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  const width = useWidth(canvas);
  const events = useMemo(() => lanesOf(trace.events, filter, order), [trace, filter, order]);
  const shown = events.slice(0, MOST_LANES);
  // Asking for some events costs the service less, and it tells only so many apart; asking for all serves every filter.
  const some = trace.events.length > MOST_LANES ? shown.map((event) => event.name).sort().join(' ') : '';
  const source = useMemo((): TileSource => ({ traceId: trace.id, originNs: originOf(trace), spanNs: spanOf(trace), events: some === '' ? null : some.split(' ') }), [trace, some]);
  const { pieces, loading, error } = useTiles(source, view);
  useEffect(() => {
    if (width > 0) drawTimeline(canvas.current!, { view, pieces, lanes: [null, ...shown.map((event) => event.name)], cursorNs, spanNs: source.spanNs, colour });
  }, [view, pieces, shown, cursorNs, source, colour, width, theme]);

  return (
    <div className="timeline" aria-busy={loading}>
      {name !== null && <h3>{name}</h3>}
      {error !== null && <FailureNotice error={error} />}
      <div className="timeline-lanes">
        <canvas ref={canvas} style={{ height: RULER_HEIGHT + (shown.length + 1) * LANE_HEIGHT }} role="img" aria-label={`Records per time of ${shown.length} events; the numbers are in the statistics below`} />
        <ol className="lane-names">
          <Lane name={filter.trim() === '' || some !== '' ? 'all shown events' : 'all events'} records={trace.records} />
          {shown.map((event) => (
            <Lane key={event.name} name={event.name} records={event.count} />
          ))}
        </ol>
      </div>
      {events.length > shown.length && <p className="soft">{events.length - shown.length} more events are not shown: say what their names hold.</p>}
      {events.length === 0 && <p className="soft">No event of this trace has a name that holds “{filter}”.</p>}
    </div>
  );
}

function Lane({ name, records }: { name: string; records: string }) {
  return (
    <li>
      <span className="lane-name">{name}</span> <span className="lane-count">{count(records)}</span>
    </li>
  );
}

/** px; canvases are drawn anew when it changes. */
export function useWidth(canvas: React.RefObject<HTMLCanvasElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    observer.observe(canvas.current!);
    return () => observer.disconnect();
  }, [canvas]);
  return width;
}
