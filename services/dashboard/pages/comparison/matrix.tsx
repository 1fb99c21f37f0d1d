// SPDX-License-Identifier: GPL-2.0-or-later
import { useMemo } from 'react';
import type { Comparison, ComparisonRow } from '#contract/comparison.js';
import { mdeText, inUnit, ratio } from '../../format/numbers.js';
import { shownVariant } from '../../format/variant.js';
import { Answer, costTone } from '../../components/verdict-badge.js';
import { IntervalBar } from './interval-bar.js';
import {
  FindsHead,
  IntervalHead,
  ProcessorCell,
  ProcessorHead,
  VariantHead,
  WorkloadGroups,
} from './interval-table.js';
import { ratioAxis, type RatioAxis } from './ratio-axis.js';
import type { VariantStyle } from './variant-mark.js';

interface MatrixProps {
  readonly comparison: Comparison;
  /** Rows to show. */
  readonly rows: readonly ComparisonRow[];
  readonly styles: ReadonlyMap<string, VariantStyle>;
}

/** Shows the overhead of every variant over the baseline, by workload, on one axis. */
export function Matrix({ comparison, rows, styles }: MatrixProps) {
  const axis = useMemo(() => ratioAxis(rows.flatMap((row) => row.ratio ?? [])), [rows]);
  const fixed = comparison.progress.withinSeconds === null;
  const wall = comparison.metric === 'wallNs';
  return (
    <section className="card" aria-labelledby="matrix">
      <div className="card-head">
        <h2 id="matrix">Overhead over {comparison.baseline}</h2>
        <p className="soft">
          Dot: ratio; whisker: interval; {fixed && 'dashes: MDE; '}band: differences that do not
          matter
        </p>
      </div>
      <div className="table-scroll">
        <table className="intervals" aria-labelledby="matrix">
          <thead>
            <tr>
              <th scope="col">Variant</th>
              <th scope="col" className="number">
                Median
              </th>
              <th scope="col" className="number">
                Ratio
              </th>
              <IntervalHead axis={axis} />
              <th scope="col">Verdict</th>
              {wall && <ProcessorHead />}
              {fixed && <FindsHead />}
            </tr>
          </thead>
          <WorkloadGroups rows={rows} columns={5 + Number(wall) + Number(fixed)}>
            {(row) => (
              <MatrixRow
                key={shownVariant({ name: row.variant, side: row.side })}
                row={row}
                comparison={comparison}
                axis={axis}
                styles={styles}
              />
            )}
          </WorkloadGroups>
        </table>
      </div>
    </section>
  );
}

function MatrixRow({
  row,
  comparison,
  axis,
  styles,
}: {
  row: ComparisonRow;
  comparison: Comparison;
  axis: RatioAxis;
  styles: ReadonlyMap<string, VariantStyle>;
}) {
  const name = shownVariant({ name: row.variant, side: row.side });
  const isBaseline = row.variant === comparison.baseline;
  return (
    <tr className={isBaseline ? 'baseline' : undefined}>
      <VariantHead name={name} styles={styles} />
      <td className="number cell-median">{inUnit(row.median, comparison.unit)}</td>
      <td className="number cell-ratio">{isBaseline ? '1' : ratio(row.ratio?.ratio)}</td>
      <td className="bar">
        {(isBaseline || row.ratio !== null) && (
          <IntervalBar
            axis={axis}
            interval={row.ratio}
            verdict={costTone(row.verdict)}
            threshold={row.threshold}
            detectable={row.minimumDetectableRatio}
          />
        )}
      </td>
      <td className="cell-verdict">
        {isBaseline ? (
          <span className="soft">baseline</span>
        ) : row.ratio === null ? (
          <span className="soft">no ratio</span>
        ) : (
          <Answer row={row} about={comparison.unit === 'ns' ? 'time' : 'amount'} />
        )}
      </td>
      {comparison.metric === 'wallNs' && <ProcessorCell row={row} />}
      {comparison.progress.withinSeconds === null && (
        <td className="number cell-mde">
          {isBaseline || row.ratio === null ? '' : mdeText(row.minimumDetectableRatio)}
        </td>
      )}
    </tr>
  );
}
