import type { Comparison, ComparisonRow, CostPerEvent } from '../../../contract/comparison.js';
import { count, fixed } from '../../format/numbers.js';
import { shownVariant } from '../../format/variant.js';
import { VariantHead } from './interval-table.js';
import type { Look } from './variant-mark.js';

interface EventsTableProps {
  readonly comparison: Comparison;
  readonly rows: readonly ComparisonRow[];
  readonly looks: ReadonlyMap<string, Look>;
}

/** What one event costs, where events were counted. */
export function EventsTable({ comparison, rows, looks }: EventsTableProps) {
  const counting = rows.filter((row) => row.events !== null || row.recordsStored !== null);
  if (counting.length === 0) return null;
  const several = new Set(rows.map(({ workload }) => workload)).size > 1;
  const records = counting.some((row) => row.recordsStored !== null);
  return (
    <section className="card" aria-labelledby="events">
      <div className="card-head">
        <h2 id="events">Cost of an event</h2>
        <p className="soft">(wall time − that of {comparison.baseline} in the same block) / events, median over the blocks. An interval that holds 0: these blocks see no cost.</p>
      </div>
      <div className="table-scroll">
        <table aria-labelledby="events">
          <thead>
            <tr>
              {several && <th scope="col">Workload</th>}
              <th scope="col">Variant</th>
              <th scope="col" className="number">ns/event</th>
              <th scope="col" className="number">Interval</th>
              <th scope="col" className="number">Events in a run</th>
              {records && <th scope="col" className="number">Records stored, all runs</th>}
              {records && <th scope="col" className="number">Dropped</th>}
            </tr>
          </thead>
          <tbody>
            {counting.map((row) => {
              const name = shownVariant({ name: row.variant, side: row.side });
              return (
                <tr key={`${row.workload} ${name}`}>
                  {several && <td>{row.workload}</td>}
                  <VariantHead name={name} looks={looks} />
                  <td className={`number ${seesNone(row.nsPerEvent) ? 'soft' : 'cell-ratio'}`}>{row.nsPerEvent === null ? '–' : perEvent(row.nsPerEvent, row.nsPerEvent.value)}</td>
                  <td className="number">{row.nsPerEvent !== null && `[${perEvent(row.nsPerEvent, row.nsPerEvent.low)}, ${perEvent(row.nsPerEvent, row.nsPerEvent.high)}]`}</td>
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

/** Whether 0 is among what the cost may be. */
function seesNone(cost: CostPerEvent | null): boolean {
  return cost === null || (cost.low <= 0 && cost.high >= 0);
}

/** With a digit behind the point, unless the interval is wide. */
function perEvent({ low, high }: CostPerEvent, ns: number): string {
  return fixed(ns, Math.max(Math.abs(low), Math.abs(high)) < 1_000 ? 1 : 0);
}
