// SPDX-License-Identifier: GPL-2.0-or-later
import { useMemo } from 'react';
import { Link } from 'wouter';
import type { Comparison } from '#contract/comparison.js';
import { change, mdeText, ratio } from '../../format/numbers.js';
import { aligned, type AlignedRow } from './aligned.js';
import { sameHost } from './differences.js';
import { IntervalBar } from './interval-bar.js';
import { FindsHead, IntervalHead, WorkloadGroups } from './interval-table.js';
import { ratioAxis } from './ratio-axis.js';

/**
 * Shows the overheads of two jobs by workload and variant: the interval of this job above, and the
 * other job's below it, hollow.
 */
export function Beside({
  here,
  there,
  otherId,
  otherName,
}: {
  here: Comparison;
  there: Comparison;
  otherId: string;
  otherName: string;
}) {
  const rows = useMemo(() => aligned(here, there), [here, there]);
  const axis = useMemo(
    () =>
      ratioAxis(
        rows.flatMap((row) => [row.here, row.there].filter((interval) => interval !== null)),
      ),
    [rows],
  );
  const fixed = [here, there].some(({ progress }) => progress.withinSeconds === null);
  const fair = sameHost(here.hostFingerprints, there.hostFingerprints);
  if (rows.length === 0)
    return <p className="empty">The jobs have no workload and variant in common.</p>;
  return (
    <div className="table-scroll">
      <table className="intervals beside" aria-label="Overheads of both jobs">
        <thead>
          <tr>
            <th scope="col">Variant</th>
            <th scope="col" className="number">
              This job
            </th>
            <th scope="col" className="number">
              <Link href={`/jobs/${otherId}/compare`}>Other job</Link>
            </th>
            <IntervalHead axis={axis} />
            <th
              scope="col"
              className="number"
              title={`This job's overhead divided by the overhead of ${otherName}`}
            >
              This / other
            </th>
            {fixed && <FindsHead />}
            <th scope="col">Intervals</th>
          </tr>
        </thead>
        <WorkloadGroups rows={rows} columns={fixed ? 7 : 6}>
          {(row) => (
            <tr key={row.variant}>
              <th scope="row" className="cell-name">
                {row.variant}
              </th>
              <td className="number cell-ratio">{ratio(row.here?.ratio)}</td>
              <td className="number cell-median">{ratio(row.there?.ratio)}</td>
              <td className="bar">
                <IntervalBar axis={axis} interval={row.here} threshold={null} second={row.there} />
              </td>
              <td className="number cell-change">
                {row.ratioOfRatios === null
                  ? '–'
                  : fair
                    ? `${ratio(row.ratioOfRatios)} (${change(row.ratioOfRatios)})`
                    : 'other host'}
              </td>
              {fixed && (
                <td className="number cell-mde">
                  {mdeText(row.mde.here)} / {mdeText(row.mde.there)}
                </td>
              )}
              <td className="cell-verdict soft">{overlapText(row)}</td>
            </tr>
          )}
        </WorkloadGroups>
      </table>
    </div>
  );
}

function overlapText({ overlap, ratioOfRatios }: AlignedRow): string {
  if (overlap !== null) return overlap ? 'overlap' : 'apart';
  return ratioOfRatios === null ? 'only in one' : 'too few blocks';
}
