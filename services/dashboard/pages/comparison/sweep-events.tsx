// SPDX-License-Identifier: GPL-2.0-or-later
import { useMemo } from 'react';
import type { Comparison } from '#contract/comparison.js';
import { byCost, type SweepSeries } from '#contract/sweep-figures.js';
import { perEventWords } from '#contract/verdict-words.js';
import { count, ratio } from '../../format/numbers.js';
import { Answer, costTone } from '../../components/verdict-badge.js';
import { IntervalBar } from './interval-bar.js';
import { IntervalHead } from './interval-table.js';
import { ratioAxis } from './ratio-axis.js';

/** Shows what every event costs alone, the most expensive first. */
export function SweepEvents({
  series,
  comparison,
}: {
  series: SweepSeries;
  comparison: Comparison;
}) {
  const points = useMemo(() => byCost(series.points), [series]);
  const axis = useMemo(() => ratioAxis(points.flatMap(({ row }) => row.ratio ?? [])), [points]);
  const title = `Each event alone: ${series.variant} with ${series.workload}`;
  return (
    <section className="card" aria-label={title}>
      <div className="card-head">
        <h2>{title}</h2>
        <p className="soft">
          A build per event, over {comparison.baseline} in the same blocks; the largest ratio first
        </p>
      </div>
      <div className="table-scroll">
        <table className="intervals" aria-label={title}>
          <thead>
            <tr>
              <th scope="col">Event</th>
              <th scope="col" className="number">
                Ratio
              </th>
              <IntervalHead axis={axis} />
              <th scope="col">Verdict</th>
              <th scope="col" className="number">
                ns/event
              </th>
              <th scope="col" className="number">
                Events in a run
              </th>
            </tr>
          </thead>
          <tbody>
            {points.map(({ value, row }) => (
              <tr key={value}>
                <th scope="row" className="mono">
                  {value}
                </th>
                <td className="number">{ratio(row.ratio?.ratio)}</td>
                <td className="bar">
                  {row.ratio !== null && (
                    <IntervalBar
                      axis={axis}
                      interval={row.ratio}
                      verdict={costTone(row.verdict)}
                      threshold={row.threshold}
                    />
                  )}
                </td>
                <td>
                  {row.ratio === null ? (
                    <span className="soft">no ratio</span>
                  ) : (
                    <Answer row={row} about={comparison.unit === 'ns' ? 'time' : 'amount'} />
                  )}
                </td>
                <td className="number">{perEventWords(row.cost) ?? '–'}</td>
                <td className="number">{count(row.events)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
