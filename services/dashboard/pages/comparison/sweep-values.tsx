// SPDX-License-Identifier: GPL-2.0-or-later
import type { Comparison } from '#contract/comparison.js';
import { ratioWords } from '#contract/interval-words.js';
import type { SweepAxis } from '#contract/sweep-figures.js';
import { perEventWords } from '#contract/verdict-words.js';
import { inUnit, ratio } from '../../format/numbers.js';

interface SweepValuesProps {
  readonly axis: SweepAxis;
  /** Names of the series. */
  readonly names: readonly string[];
  readonly comparison: Comparison;
}

/** Shows the values of a sweep's figure as a table. */
export function SweepValues({ axis, names, comparison }: SweepValuesProps) {
  const several = names.length > 1;
  return (
    <details>
      <summary>Values</summary>
      <div className="table-scroll">
        <table aria-label={`Cost by ${axis.name}`}>
          <thead>
            <tr>
              {several && <th scope="col">Series</th>}
              <th scope="col" className="number">
                {axis.name}
              </th>
              <th scope="col" className="number">
                Median
              </th>
              <th scope="col" className="number">
                Ratio to {comparison.baseline}
              </th>
              <th scope="col">Interval</th>
              <th scope="col" className="number">
                ns/event
              </th>
            </tr>
          </thead>
          <tbody>
            {axis.series.flatMap(({ points }, index) =>
              points.map(({ value, row }) => (
                <tr key={`${index} ${value}`}>
                  {several && <td>{names[index]}</td>}
                  <th scope="row" className="number">
                    {value}
                  </th>
                  <td className="number">{inUnit(row.median, comparison.unit)}</td>
                  <td className="number">{ratio(row.ratio?.ratio)}</td>
                  <td>{row.ratio === null ? '' : ratioWords(row.ratio)}</td>
                  <td className="number">{perEventWords(row.cost) ?? '–'}</td>
                </tr>
              )),
            )}
          </tbody>
        </table>
      </div>
    </details>
  );
}
