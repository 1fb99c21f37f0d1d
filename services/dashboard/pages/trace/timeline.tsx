// SPDX-License-Identifier: GPL-2.0-or-later
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Trace } from '#contract/trace.js';
import { count } from '../../format/numbers.js';
import { FailureNotice } from '../../components/error-notice.js';
import { useTheme } from '../../components/theme.js';
import { drawTimeline, LANE_HEIGHT, RULER_HEIGHT } from './draw-timeline.js';
import { MOST_LANES } from './lanes.js';
import type { TileSource } from './tiles.js';
import type { View } from './time-axis.js';
import { originOf, spanOf } from './trace-times.js';
import { useTiles } from './use-tiles.js';

interface TimelineProps {
  trace: Trace;
  /** Null if only one trace is shown. */
  name: string | null;
  view: View;
  /** Events, one lane each. */
  lanes: readonly string[];
  /** Null without a cursor. */
  cursorNs: number | null;
}

/** Shows a trace's lanes: all events together, then one lane per event. */
export function Timeline({ trace, name, view, lanes, cursorNs }: TimelineProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  const width = useWidth(canvas);
  // One request for all events serves every filter, but a histogram has at most MOST_LANES events.
  const some =
    trace.events.length > MOST_LANES
      ? lanes
          .filter((lane) => trace.events.some((event) => event.name === lane))
          .sort()
          .join(' ')
      : '';
  const source = useMemo(
    (): TileSource => ({
      traceId: trace.id,
      originNs: originOf(trace),
      spanNs: spanOf(trace),
      events: some === '' ? null : some.split(' '),
    }),
    [trace, some],
  );
  const { pieces, loading, error } = useTiles(source, view);
  useEffect(() => {
    if (width > 0)
      drawTimeline(canvas.current!, {
        view,
        pieces,
        lanes: [null, ...lanes],
        cursorNs,
        spanNs: source.spanNs,
      });
  }, [view, pieces, lanes, cursorNs, source, width, theme]);
  const counts = new Map(trace.events.map((event) => [event.name, event.count]));

  return (
    <div className="timeline" aria-busy={loading}>
      {name !== null && <h3>{name}</h3>}
      {error !== null && <FailureNotice error={error} />}
      <div className="timeline-lanes">
        <canvas
          ref={canvas}
          style={{ height: RULER_HEIGHT + (lanes.length + 1) * LANE_HEIGHT }}
          role="img"
          aria-label={`Records per time of ${lanes.length} events; the numbers are in the statistics below`}
        />
        <ol className="lane-names" aria-label="Events">
          <Lane name={some === '' ? 'all events' : 'all shown events'} records={trace.records} />
          {lanes.map((lane) => (
            <Lane key={lane} name={lane} records={counts.get(lane) ?? '0'} />
          ))}
        </ol>
      </div>
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

/** Returns the width of a canvas in px. A change renders again, so that the canvas is redrawn. */
export function useWidth(canvas: React.RefObject<HTMLCanvasElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.floor(entry!.contentRect.width)),
    );
    observer.observe(canvas.current!);
    return () => observer.disconnect();
  }, [canvas]);
  return width;
}
