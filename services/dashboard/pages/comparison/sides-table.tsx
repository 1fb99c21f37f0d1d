// SPDX-License-Identifier: GPL-2.0-or-later
import { useMemo } from 'react';
import type { ChangeRow, Comparison, SideRow } from '#contract/comparison.js';
import { ratioWords } from '#contract/interval-words.js';
import { mdeText, inUnit, ratio } from '../../format/numbers.js';
import { Answer } from '../../components/verdict-badge.js';
import { IntervalBar } from './interval-bar.js';
import {
  FindsHead,
  IntervalHead,
  ProcessorCell,
  ProcessorHead,
  VariantHead,
  WorkloadGroups,
} from './interval-table.js';
import { ratioAxis } from './ratio-axis.js';
import type { VariantStyle } from './variant-mark.js';

interface SidesTableProps {
  readonly id: string;
  readonly title: string;
  readonly explanation: string;
  readonly rows: readonly (SideRow | ChangeRow)[];
  readonly comparison: Pick<Comparison, 'unit' | 'metric' | 'progress'>;
  readonly styles: ReadonlyMap<string, VariantStyle>;
}

/**
 * Shows head against base: every variant by itself, or the change of its overhead. The second batch
 * is drawn below the first, hollow.
 */
export function SidesTable({ id, title, explanation, rows, comparison, styles }: SidesTableProps) {
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
  const { unit } = comparison;
  const fixed = comparison.progress.withinSeconds === null;
  const processor = medians && comparison.metric === 'wallNs';
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
              <IntervalHead axis={axis} />
              <th scope="col">Verdict</th>
              {processor && <ProcessorHead />}
              <th scope="col" className="number">
                Adjusted p
              </th>
              {fixed && <FindsHead />}
            </tr>
          </thead>
          <WorkloadGroups
            rows={rows}
            columns={5 + [medians, processor, fixed].filter(Boolean).length}
          >
            {(row) => (
              <tr key={row.variant}>
                <VariantHead name={row.variant} styles={styles} />
                {medians && (
                  <td className="number cell-median">
                    {'headMedian' in row &&
                      `${inUnit(row.baseMedian, unit)} → ${inUnit(row.headMedian, unit)}`}
                  </td>
                )}
                <td className="number cell-ratio">{ratio(row.ratio.ratio)}</td>
                <td className="bar">
                  <IntervalBar
                    axis={axis}
                    interval={row.ratio}
                    verdict={row.verdict}
                    threshold={row.threshold}
                    detectable={row.minimumDetectableRatio}
                    second={row.confirmation?.ratio ?? null}
                  />
                </td>
                <td className="cell-verdict">
                  <Answer row={row} about="change" />
                  {row.confirmation !== null && (
                    <div className="soft small">again {ratioWords(row.confirmation.ratio)}</div>
                  )}
                </td>
                {processor && <ProcessorCell row={row} />}
                <td className="number cell-p">{row.adjustedP.toPrecision(2)}</td>
                {fixed && (
                  <td className="number cell-mde">
                    {mdeText(row.minimumDetectableRatio)}
                    {row.confirmation !== null && (
                      <div className="soft">
                        again {mdeText(row.confirmation.minimumDetectableRatio)}
                      </div>
                    )}
                  </td>
                )}
              </tr>
            )}
          </WorkloadGroups>
        </table>
      </div>
    </section>
  );
}
