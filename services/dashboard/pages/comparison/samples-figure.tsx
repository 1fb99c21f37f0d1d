// SPDX-License-Identifier: GPL-2.0-or-later
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type uPlot from 'uplot';
import { Plot } from '../../components/plot.js';
import { describe, nearest, stepped } from './pointed.js';
import type { Point } from './points.js';
import { SaveFigure } from './save-figure.js';
import { samplesOptions } from './samples-options.js';
import type { ValueScale } from './value-scale.js';
import { VariantMark, type VariantStyle } from './variant-mark.js';

interface SamplesFigureProps {
  readonly points: readonly Point[];
  readonly scale: ValueScale;
  readonly styles: ReadonlyMap<string, VariantStyle>;
  readonly workload: string;
  /** Number of blocks in the first batch. */
  readonly blocks: number;
}

const HEIGHT = 340;

/**
 * Shows every sample by block. The pointer or the arrow keys select one, which is then described.
 */
export function SamplesFigure({ points, scale, styles, workload, blocks }: SamplesFigureProps) {
  const [active, setActive] = useState<number | null>(null);
  const [plot, setPlot] = useState<uPlot | null>(null);
  const figure = useRef<HTMLElement>(null);
  const data = useMemo<uPlot.AlignedData>(
    () => [points.map(({ x }) => x), points.map(({ y }) => scale.place(y))],
    [points, scale],
  );
  const onPointed = useCallback(
    (pointed: uPlot) => {
      const { left, top } = pointed.cursor;
      // When the pointer leaves the plot, the selection of the keys stays.
      if (left !== undefined && top !== undefined && left >= 0)
        setActive(nearest(pointed, points, scale, left, top));
    },
    [points, scale],
  );
  const options = useMemo(
    () => samplesOptions({ points, styles, scale, blocks, onPointed }),
    [points, styles, scale, blocks, onPointed],
  );
  const point = active === null ? undefined : points[active];
  useEffect(
    () =>
      plot === null || point === undefined
        ? undefined
        : ringed(plot, point.x, scale.place(point.y)),
    [plot, point, scale],
  );

  const onKeyDown = (event: KeyboardEvent) => {
    const next = stepped(event.key, active, points);
    if (next === null) return;
    event.preventDefault();
    setActive(next);
  };
  const title = `Samples of ${workload}`;
  const text = point === undefined ? null : describe(point, scale);
  return (
    <section className="card" aria-label={title} ref={figure}>
      <div className="card-head">
        <h2>{title}</h2>
        <SaveFigure figure={figure} title={`${title}: ${scale.label}`} legend={styles} />
      </div>
      {points.length === 0 ? (
        <p className="empty">No values of this metric.</p>
      ) : (
        <>
          <div
            className="steps"
            role="slider"
            tabIndex={0}
            aria-label={`${title}, in the order of measuring`}
            aria-valuemin={1}
            aria-valuemax={points.length}
            aria-valuenow={(active ?? 0) + 1}
            aria-valuetext={text ?? 'none selected'}
            onKeyDown={onKeyDown}
          >
            <Plot
              options={options}
              data={data}
              height={HEIGHT}
              label={`${title} by block: ${scale.label}`}
              onReady={setPlot}
            />
          </div>
          <p className="readout" data-testid="readout">
            {point === undefined ? (
              <span className="soft">
                Point at a sample, or step through them with the arrow keys. Lines: medians.
              </span>
            ) : (
              <>
                <VariantMark style={styles.get(point.variant)} /> {text}
              </>
            )}
          </p>
        </>
      )}
    </section>
  );
}

/** Draws a ring around a position of a plot. Returns a function that removes it. */
function ringed(plot: uPlot, x: number, y: number): () => void {
  const ring = document.createElement('div');
  ring.className = 'plot-ring';
  // Percentages keep the ring at its sample when the plot is resized.
  ring.style.left = `${(100 * plot.valToPos(x, 'x')) / plot.over.clientWidth}%`;
  ring.style.top = `${(100 * plot.valToPos(y, 'y')) / plot.over.clientHeight}%`;
  plot.over.append(ring);
  return () => ring.remove();
}
