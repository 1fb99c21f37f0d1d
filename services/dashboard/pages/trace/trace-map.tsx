// SPDX-License-Identifier: GPL-2.0-or-later
import { useEffect, useMemo, useRef } from 'react';
import type { Trace } from '#contract/trace.js';
import { useTheme } from '../../components/theme.js';
import { drawMap } from './draw-timeline.js';
import type { TileSource } from './tiles.js';
import type { View } from './time-axis.js';
import { useWidth } from './timeline.js';
import { originOf, spanOf } from './trace-times.js';
import { useTiles } from './use-tiles.js';

interface TraceMapProps {
  trace: Trace;
  spanNs: number;
  view: View;
  /** Gets the middle of the part to show. */
  onMove: (atNs: number) => void;
}

/**
 * Shows the whole trace in one strip. Press or drag moves the view; the timeline below handles the
 * keys.
 */
export function TraceMap({ trace, spanNs, view, onMove }: TraceMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  const width = useWidth(canvas);
  const source = useMemo(
    (): TileSource => ({
      traceId: trace.id,
      originNs: originOf(trace),
      spanNs: spanOf(trace),
      events: null,
    }),
    [trace],
  );
  const whole = useMemo((): View => ({ fromNs: 0, toNs: spanNs }), [spanNs]);
  const { pieces } = useTiles(source, whole);
  useEffect(() => {
    if (width > 0) drawMap(canvas.current!, pieces, whole, view);
  }, [pieces, whole, view, width, theme]);
  const move = ({ currentTarget, clientX }: React.PointerEvent<HTMLCanvasElement>) => {
    const box = currentTarget.getBoundingClientRect();
    onMove(((clientX - box.left) / box.width) * spanNs);
  };
  return (
    <canvas
      ref={canvas}
      className="trace-map"
      aria-hidden="true"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        move(event);
      }}
      onPointerMove={(event) => event.buttons === 1 && move(event)}
    />
  );
}
