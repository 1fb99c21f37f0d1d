// SPDX-License-Identifier: GPL-2.0-or-later
import type { Comparison, ComparisonRow } from '#contract/comparison.js';
import { bendWords, perEventWords, startWords } from '#contract/verdict-words.js';
import { count } from '../../format/numbers.js';
import { shownVariant } from '../../format/variant.js';
import { VariantHead } from './interval-table.js';
import type { VariantStyle } from './variant-mark.js';

interface EventsTableProps {
  readonly comparison: Comparison;
  readonly rows: readonly ComparisonRow[];
  readonly styles: ReadonlyMap<string, VariantStyle>;
}

/**
 * Shows the cost of start and of each event beyond the baseline, and the numbers of events and
 * records.
 */
export function EventsTable({ comparison, rows, styles }: EventsTableProps) {
  const telling = rows.filter(
    ({ events, recordsStored, cost }) =>
      events !== null || recordsStored !== null || startWords(cost) !== null,
  );
  if (telling.length === 0) return null;
  const several = new Set(rows.map(({ workload }) => workload)).size > 1;
  const records = telling.some((row) => row.recordsStored !== null);
  return (
    <section className="card" aria-labelledby="events">
      <div className="card-head">
        <h2 id="events">Cost of start and event</h2>
        <p className="soft">
          Wall time in excess of {comparison.baseline} in the same block: once per run, and for each
          event. A figure appears only as far as its interval supports it.
        </p>
      </div>
      <div className="table-scroll">
        <table aria-labelledby="events">
          <thead>
            <tr>
              {several && <th scope="col">Workload</th>}
              <th scope="col">Variant</th>
              <th scope="col" className="number">
                Start, ms
              </th>
              <th scope="col" className="number">
                ns/event
              </th>
              <th scope="col" className="number">
                Events in a run
              </th>
              {records && (
                <th scope="col" className="number">
                  Records stored, all runs
                </th>
              )}
              {records && (
                <th scope="col" className="number">
                  Dropped
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {telling.map((row) => {
              const name = shownVariant({ name: row.variant, side: row.side });
              const bend = bendWords(row.cost);
              return (
                <tr key={`${row.workload} ${name}`}>
                  {several && <td>{row.workload}</td>}
                  <VariantHead name={name} styles={styles} />
                  <td className="number">{startWords(row.cost) ?? '–'}</td>
                  <td className="number">
                    {perEventWords(row.cost) ?? '–'}
                    {bend !== null && <div className="soft small">{bend}</div>}
                  </td>
                  <td className="number">{count(row.events)}</td>
                  {records && <td className="number">{count(row.recordsStored)}</td>}
                  {records && <td className="number">{count(row.recordsDropped)}</td>}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
