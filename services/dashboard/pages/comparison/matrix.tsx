import { useMemo } from 'react';
import type { Comparison, ComparisonRow } from '../../../contract/comparison.js';
import type { JobPlan } from '../../../contract/job.js';
import { change, findsFrom, inUnit, ratio } from '../../format/numbers.js';
import { shownVariant } from '../../format/variant.js';
import { costTone, VerdictBadge } from '../../parts/verdict-badge.js';
import { IntervalBar } from './interval-bar.js';
import { FindsHead, IntervalHead, VariantHead, WorkloadGroups } from './interval-table.js';
import { ratioAxis, type RatioAxis } from './ratio-axis.js';
import { thresholdOf } from './threshold.js';
import type { Look } from './variant-mark.js';

interface MatrixProps {
  readonly comparison: Comparison;
  readonly plan: JobPlan;
  /** Those that are shown. */
  readonly rows: readonly ComparisonRow[];
  readonly looks: ReadonlyMap<string, Look>;
}

/** What every variant costs over the baseline, workload by workload, on one axis. */
export function Matrix({ comparison, plan, rows, looks }: MatrixProps) {
  const axis = useMemo(() => ratioAxis(rows.flatMap((row) => row.ratio ?? [])), [rows]);
  return (
    <section className="card" aria-labelledby="matrix">
      <div className="card-head">
        <h2 id="matrix">Overhead over {comparison.baseline}</h2>
        <p className="soft">
          Dot: ratio; whisker: interval; dashes: found from here on; band: differences that do not
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
              <th scope="col" className="number">
                Change
              </th>
              <IntervalHead axis={axis} />
              <th scope="col" className="number">
                Interval
              </th>
              <FindsHead />
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <WorkloadGroups rows={rows} columns={8}>
            {(row) => (
              <MatrixRow
                key={shownVariant({ name: row.variant, side: row.side })}
                row={row}
                comparison={comparison}
                axis={axis}
                threshold={thresholdOf(plan, row.workload, comparison.metric)}
                looks={looks}
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
  threshold,
  looks,
}: {
  row: ComparisonRow;
  comparison: Comparison;
  axis: RatioAxis;
  threshold: number;
  looks: ReadonlyMap<string, Look>;
}) {
  const name = shownVariant({ name: row.variant, side: row.side });
  const isBaseline = row.variant === comparison.baseline;
  return (
    <tr className={isBaseline ? 'baseline' : undefined}>
      <VariantHead name={name} looks={looks} />
      <td className="number cell-median">{inUnit(row.median, comparison.unit)}</td>
      <td className="number cell-ratio">{isBaseline ? '1' : ratio(row.ratio?.ratio)}</td>
      <td className="number cell-change">{isBaseline ? '' : change(row.ratio?.ratio)}</td>
      <td className="bar">
        {(isBaseline || row.ratio !== null) && (
          <IntervalBar
            axis={axis}
            interval={row.ratio}
            verdict={costTone(row.verdict)}
            threshold={threshold}
            detectable={row.detectableRatio}
          />
        )}
      </td>
      <td className="number cell-interval">
        {row.ratio === null ? '' : `[${ratio(row.ratio.low)}, ${ratio(row.ratio.high)}]`}
      </td>
      <td className="number cell-finds">
        {isBaseline || row.ratio === null ? '' : findsFrom(row.detectableRatio)}
      </td>
      <td className="cell-verdict">
        {isBaseline ? (
          <span className="soft">baseline</span>
        ) : row.ratio === null ? (
          <span className="soft">no ratio</span>
        ) : (
          <VerdictBadge verdict={row.verdict} costIn={comparison.unit} />
        )}
      </td>
    </tr>
  );
}
