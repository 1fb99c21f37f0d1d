import { useMemo } from 'react';
import type { ChangeRow, SideRow } from '../../../contract/comparison.js';
import { change, findsFrom, inUnit, ratio } from '../../format/numbers.js';
import { VerdictBadge } from '../../parts/verdict-badge.js';
import { IntervalBar } from './interval-bar.js';
import { FindsHead, IntervalHead, VariantHead, WorkloadGroups } from './interval-table.js';
import { ratioAxis } from './ratio-axis.js';
import type { Look } from './variant-mark.js';

interface SidesTableProps {
  readonly id: string;
  readonly title: string;
  readonly explanation: string;
  readonly rows: readonly (SideRow | ChangeRow)[];
  readonly unit: string;
  readonly looks: ReadonlyMap<string, Look>;
}

/** Head against base: every variant by itself, or how its overhead changed. The second batch is drawn below the first, hollow. */
export function SidesTable({ id, title, explanation, rows, unit, looks }: SidesTableProps) {
  const axis = useMemo(
    () =>
      ratioAxis(
        rows.flatMap((row) => [
          row.ratio,
          ...(row.confirmation === null ? [] : [row.confirmation.ratio]),
        ]),
      ),
    [rows],
  );
  const medians = rows.some((row) => 'headMedian' in row);
  return (
    <section className="card" aria-labelledby={id}>
      <div className="card-head">
        <h2 id={id}>{title}</h2>
        <p className="soft">{explanation}</p>
      </div>
      <div className="table-scroll">
        <table className="intervals" aria-labelledby={id}>
          <thead>
            <tr>
              <th scope="col">Variant</th>
              {medians && (
                <th scope="col" className="number">
                  Median base → head
                </th>
              )}
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
              <th scope="col" className="number">
                Adjusted p
              </th>
              <FindsHead />
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <WorkloadGroups rows={rows} columns={medians ? 9 : 8}>
            {(row) => (
              <tr key={row.variant}>
                <VariantHead name={row.variant} looks={looks} />
                {medians && (
                  <td className="number cell-median">
                    {'headMedian' in row &&
                      `${inUnit(row.baseMedian, unit)} → ${inUnit(row.headMedian, unit)}`}
                  </td>
                )}
                <td className="number cell-ratio">{ratio(row.ratio.ratio)}</td>
                <td className="number cell-change">{change(row.ratio.ratio)}</td>
                <td className="bar">
                  <IntervalBar
                    axis={axis}
                    interval={row.ratio}
                    verdict={row.verdict}
                    threshold={row.threshold}
                    detectable={row.detectableRatio}
                    second={row.confirmation?.ratio ?? null}
                  />
                </td>
                <td className="number cell-interval">
                  [{ratio(row.ratio.low)}, {ratio(row.ratio.high)}]
                  {row.confirmation !== null && (
                    <div className="soft">
                      again [{ratio(row.confirmation.ratio.low)},{' '}
                      {ratio(row.confirmation.ratio.high)}]
                    </div>
                  )}
                </td>
                <td className="number cell-p">{row.adjustedP.toPrecision(2)}</td>
                <td className="number cell-finds">
                  {findsFrom(row.detectableRatio)}
                  {row.confirmation !== null && (
                    <div className="soft">again {findsFrom(row.confirmation.detectableRatio)}</div>
                  )}
                </td>
                <td className="cell-verdict">
                  {row.verdict === null ? (
                    <span className="soft">not complete</span>
                  ) : (
                    <VerdictBadge verdict={row.verdict} />
                  )}
                  <ConfirmationText row={row} />
                </td>
              </tr>
            )}
          </WorkloadGroups>
        </table>
      </div>
    </section>
  );
}

/** What a second batch had to do with a verdict. */
function ConfirmationText({ row: { verdict, suspected, confirmation } }: { row: ChangeRow }) {
  if (suspected)
    return (
      <div className="soft small">
        {confirmation === null
          ? 'suspected regression, no second batch'
          : 'suspected regression, not confirmed by the second batch'}
      </div>
    );
  return verdict === 'regression' ? (
    <div className="soft small">confirmed by a second batch</div>
  ) : null;
}
