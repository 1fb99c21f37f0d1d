// SPDX-License-Identifier: GPL-2.0-or-later
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { token, useTheme } from './theme.js';
import './plot.css';

interface PlotProps {
  /** Without width and height. Another object creates a new plot: memoise it. */
  options: Omit<uPlot.Options, 'width' | 'height'>;
  data: uPlot.AlignedData;
  /** px */
  height: number;
  /** Description for screen readers. The same numbers must be in a table. */
  label: string;
  onReady?: (plot: uPlot) => void;
}

/**
 * Shows a uPlot in the theme's colours, as wide as its container. New data does not create a new
 * plot.
 */
export function Plot({ options, data, height, label, onReady }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const theme = useTheme();
  const latest = useRef(data);
  useEffect(() => {
    latest.current = data;
    plot.current?.setData(data);
  }, [data]);

  useEffect(() => {
    const made = new uPlot(
      {
        ...options,
        width: place.current!.clientWidth,
        height,
        axes: (options.axes ?? [{}, {}]).map(themed),
      },
      latest.current,
      place.current!,
    );
    plot.current = made;
    onReady?.(made);
    const observer = new ResizeObserver(([entry]) =>
      made.setSize({ width: Math.floor(entry!.contentRect.width), height }),
    );
    observer.observe(place.current!);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [options, height, theme, onReady]);

  return (
    <div className="plot" ref={place} style={{ minHeight: height }} role="img" aria-label={label} />
  );
}

function themed(axis: uPlot.Axis): uPlot.Axis {
  const line = { stroke: token('--line'), width: 1 };
  return {
    font: `12px ${token('--sans')}`,
    labelFont: `12px ${token('--sans')}`,
    ...axis,
    stroke: token('--text-soft'),
    grid: { ...line, ...axis.grid },
    ticks: { ...line, ...axis.ticks },
  };
}
