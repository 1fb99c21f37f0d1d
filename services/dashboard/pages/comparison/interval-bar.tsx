// SPDX-License-Identifier: GPL-2.0-or-later
import type { RatioInterval, Verdict } from '#contract/comparison.js';
import { isSupported } from '#contract/interval-words.js';
import { placeOn, tickText, type RatioAxis } from './ratio-axis.js';

const percentOf = (axis: RatioAxis, ratio: number) =>
  `${(100 * Math.min(1, Math.max(0, placeOn(axis, ratio)))).toFixed(2)}%`;

/** Draws the ticks of the axis that all intervals of a column share. */
export function RatioAxisTicks({ axis }: { axis: RatioAxis }) {
  return (
    <svg className="ratio-axis" width="100%" height="18" aria-hidden="true">
      {axis.ticks.map((tick) => (
        <text
          key={tick}
          x={percentOf(axis, tick)}
          y="13"
          textAnchor="middle"
          className={tick === 1 ? 'one' : ''}
        >
          {tickText(tick)}
        </text>
      ))}
    </svg>
  );
}

interface IntervalBarProps {
  readonly axis: RatioAxis;
  readonly interval: RatioInterval | null;
  readonly verdict?: Verdict | null;
  /** Bound of the band in which differences do not matter; null draws no band. */
  readonly threshold: number | null;
  /** Minimum detectable effect as a ratio above 1, drawn on both sides of 1; null draws nothing. */
  readonly detectable?: number | null;
  /** A second interval below the first, drawn hollow. */
  readonly second?: RatioInterval | null;
}

/**
 * Draws an interval as whisker and dot, or the dot alone while the blocks are too few for an
 * interval. Hidden from screen readers: the same numbers stand beside it.
 */
export function IntervalBar({
  axis,
  interval,
  verdict = null,
  threshold,
  detectable = null,
  second = null,
}: IntervalBarProps) {
  const both = interval !== null && second !== null;
  return (
    <svg className="interval-bar" width="100%" height="24" aria-hidden="true">
      {threshold !== null && <Band axis={axis} threshold={threshold} />}
      {axis.ticks.map((tick) => (
        <line
          key={tick}
          x1={percentOf(axis, tick)}
          x2={percentOf(axis, tick)}
          y1="0"
          y2="100%"
          className={tick === 1 ? 'one' : 'tick'}
        />
      ))}
      {detectable !== null && <Detectable axis={axis} ratio={detectable} />}
      {interval !== null && (
        <Whisker
          axis={axis}
          interval={interval}
          y={both ? 8 : 12}
          className={verdict ?? 'unjudged'}
        />
      )}
      {second !== null && (
        <Whisker axis={axis} interval={second} y={both ? 17 : 12} className="second" />
      )}
      {interval === null && second === null && (
        <circle cx={percentOf(axis, 1)} cy="12" r="3.5" className="baseline" />
      )}
    </svg>
  );
}

function Band({ axis, threshold }: { axis: RatioAxis; threshold: number }) {
  const [from, to] = [placeOn(axis, 1 / (1 + threshold)), placeOn(axis, 1 + threshold)].map(
    (place) => 100 * Math.min(1, Math.max(0, place)),
  ) as [number, number];
  return <rect x={`${from}%`} width={`${to - from}%`} y="0" height="100%" className="band" />;
}

/** Draws dashed lines at the minimum detectable effect, if they lie on the axis. */
function Detectable({ axis, ratio }: { axis: RatioAxis; ratio: number }) {
  const within = [1 / ratio, ratio].filter((place) => place >= axis.low && place <= axis.high);
  return within.map((place) => (
    <line
      key={place}
      x1={percentOf(axis, place)}
      x2={percentOf(axis, place)}
      y1="2"
      y2="22"
      className="detectable"
    />
  ));
}

function Whisker({
  axis,
  interval,
  y,
  className,
}: {
  axis: RatioAxis;
  interval: RatioInterval;
  y: number;
  className: string;
}) {
  const [low, high] = [percentOf(axis, interval.low), percentOf(axis, interval.high)];
  return (
    <g className={className}>
      {isSupported(interval) && (
        <>
          <line x1={low} x2={high} y1={y} y2={y} className="whisker" />
          <line x1={low} x2={low} y1={y - 3.5} y2={y + 3.5} className="whisker" />
          <line x1={high} x2={high} y1={y - 3.5} y2={y + 3.5} className="whisker" />
        </>
      )}
      <circle cx={percentOf(axis, interval.ratio)} cy={y} r="4" className="dot" />
    </g>
  );
}
