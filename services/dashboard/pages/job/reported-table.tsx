// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import type { Job } from '#contract/job.js';
import type { Reported, ReportedList } from '#contract/reported.js';
import { shownVariant } from '../../format/variant.js';
import { inUnit } from '../../format/numbers.js';
import { get } from '../../http/client.js';

/** Shows the metrics that the user's code printed, with a column for each variant. */
export function ReportedTable({ job }: { job: Job }) {
  const { data } = useQuery({
    queryKey: ['job', job.id, 'reported', job.blocksDone],
    queryFn: ({ signal }) => get<ReportedList>(`/v1/jobs/${job.id}/reported`, signal),
  });
  const reported = data?.reported ?? [];
  if (reported.length === 0) return null;
  const variants = job.plan.variants
    .map(shownVariant)
    .filter((name) =>
      reported.some(({ values }) => values.some((value) => nameOf(value) === name)),
    );
  return (
    <section className="card" aria-labelledby="reported">
      <div className="card-head">
        <h2 id="reported">Reported by your code</h2>
        <p className="soft">
          Metrics that guests, instrumentations and plugins printed: the median of the measured
          runs, with the smallest and the largest value.
        </p>
      </div>
      <div className="table-scroll">
        <table aria-labelledby="reported">
          <thead>
            <tr>
              <th scope="col">Workload</th>
              <th scope="col">Metric</th>
              {variants.map((variant) => (
                <th key={variant} scope="col" className="number">
                  {variant}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {reported.map((row) => (
              <tr key={`${row.workload} ${row.name} ${row.unit}`}>
                <td>{row.workload}</td>
                <th scope="row" className="mono">
                  {row.name}
                </th>
                {variants.map((variant) => (
                  <td key={variant} className="number">
                    {valueText(row, variant)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function valueText({ values, unit }: Reported, variant: string): string {
  const value = values.find((one) => nameOf(one) === variant);
  if (value === undefined) return '–';
  const { median, low, high } = value;
  const text = inUnit(median, unit);
  return low === high ? text : `${text} [${inUnit(low, unit)}, ${inUnit(high, unit)}]`;
}

const nameOf = ({ variant, side }: Reported['values'][number]): string =>
  shownVariant({ name: variant, side });
