// SPDX-License-Identifier: GPL-2.0-or-later
import { useMemo, useState } from 'react';
import type { Comparison, ComparisonRow } from '#contract/comparison.js';
import { SWEPT_EVENT } from '#contract/constants.js';
import type { JobPlan } from '#contract/job.js';
import { sweepAxes, type SweepAxis, type SweepSeries } from '#contract/sweep-figures.js';
import { seriesToken } from '../../components/series-colour.js';
import { SweepEvents } from './sweep-events.js';
import { SweepPlot } from './sweep-plot.js';
import { measuresIn, sweepFigure, type SweepMeasure } from './sweep-points.js';
import { SweepValues } from './sweep-values.js';
import './sweep.css';

interface SweepSectionProps {
  readonly plan: JobPlan;
  readonly comparison: Comparison;
  /** Rows to show. */
  readonly rows: readonly ComparisonRow[];
}

/** Shows how cost changes with each swept value, and what every event of a sweep costs. */
export function SweepSection({ plan, comparison, rows }: SweepSectionProps) {
  const axes = useMemo(() => sweepAxes(plan, rows), [plan, rows]);
  return axes.map((axis) =>
    axis.name === SWEPT_EVENT ? (
      axis.series.map((series) => (
        <SweepEvents
          key={`${series.variant}\n${series.workload}`}
          series={series}
          comparison={comparison}
        />
      ))
    ) : (
      <SweepFigureCard key={axis.name} axis={axis} comparison={comparison} />
    ),
  );
}

function SweepFigureCard({ axis, comparison }: { axis: SweepAxis; comparison: Comparison }) {
  const { name, series } = axis;
  const measures = measuresIn(series);
  const [chosen, setChosen] = useState<SweepMeasure>('ratio');
  const measure = measures.includes(chosen) ? chosen : measures[0];
  if (measure === undefined) return null;
  const texts: Record<SweepMeasure, string> = {
    ratio: `ratio to ${comparison.baseline}`,
    perEvent: 'ns per event',
    median: `median of ${comparison.metric === 'wallNs' ? 'wall time' : comparison.metric}`,
  };
  const unit = measure === 'perEvent' ? 'ns' : comparison.unit;
  const names = series.map((one) => seriesName(one, series));
  return (
    <section className="card" aria-labelledby={`sweep-${name}`}>
      <div className="card-head">
        <h2 id={`sweep-${name}`}>Cost by {name}</h2>
        <label className="choice no-print">
          Show{' '}
          <select
            value={measure}
            onChange={(event) => setChosen(event.target.value as SweepMeasure)}
          >
            {measures.map((known) => (
              <option key={known} value={known}>
                {texts[known]}
              </option>
            ))}
          </select>
        </label>
      </div>
      <ul className="figures-legend">
        {names.map((text, index) => (
          <li key={text}>
            <span className="sweep-key" style={{ background: `var(${seriesToken(index)})` }} />{' '}
            {text}
          </li>
        ))}
      </ul>
      <SweepPlot
        figure={sweepFigure(series, measure, unit)}
        title={`${texts[measure]} by ${name}`}
        axis={name}
      />
      <SweepValues axis={axis} names={names} comparison={comparison} />
    </section>
  );
}

/** Returns the name of a series: what the series have in common is left out. */
function seriesName(one: SweepSeries, all: readonly SweepSeries[]): string {
  const oneOf = (key: 'variant' | 'workload') => new Set(all.map((series) => series[key])).size < 2;
  return oneOf('workload')
    ? one.variant
    : oneOf('variant')
      ? one.workload
      : `${one.variant}, ${one.workload}`;
}
