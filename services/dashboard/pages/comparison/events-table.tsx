import type { Comparison, ComparisonRow, CostPerEvent } from '../../../contract/comparison.js';
import { count, fixed } from '../../format/numbers.js';
import { shownVariant } from '../../format/variant.js';
import { FindsHead, VariantHead } from './interval-table.js';
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
  // The minimum detectable effect is that of the metric that is compared; the cost of an event is always of wall time.
  const wall = comparison.metric === 'wallNs';
  const records = counting.some((row) => row.recordsStored !== null);
  return (
    <section className="card" aria-labelledby="events">
      <div className="card-head">
        <h2 id="events">Cost of an event</h2>
        <p className="soft">
          (wall time − that of {comparison.baseline} in the same block) / events, median over the
          blocks. An interval that holds 0: these blocks see no cost.
        </p>
      </div>
      <div className="table-scroll">
        <table aria-labelledby="events">
          <thead>
            <tr>
              {several && <th scope="col">Workload</th>}
              <th scope="col">Variant</th>
              <th scope="col" className="number">
                ns/event
              </th>
              <th scope="col" className="number">
                Interval
              </th>
              {wall && <FindsHead />}
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
            {counting.map((row) => {
              const name = shownVariant({ name: row.variant, side: row.side });
              return (
                <tr key={`${row.workload} ${name}`}>
                  {several && <td>{row.workload}</td>}
                  <VariantHead name={name} looks={looks} />
                  <td className={`number ${seesNone(row.nsPerEvent) ? 'soft' : 'cell-ratio'}`}>
                    {row.nsPerEvent === null ? '–' : perEvent(row.nsPerEvent, row.nsPerEvent.value)}
                  </td>
                  <td className="number">
                    {row.nsPerEvent !== null &&
                      `[${perEvent(row.nsPerEvent, row.nsPerEvent.low)}, ${perEvent(row.nsPerEvent, row.nsPerEvent.high)}]`}
                  </td>
                  {wall && <td className="number">{detectablePerEvent(row, comparison)}</td>}
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

/** From which cost on these blocks find one: their minimum detectable effect, as a share of the baseline's wall time, per event. */
function detectablePerEvent(
  { nsPerEvent, detectableRatio, side, workload, events }: ComparisonRow,
  { rows, baseline }: Comparison,
): string {
  const reference = rows.find(
    (row) => row.variant === baseline && row.side === side && row.workload === workload,
  );
  if (nsPerEvent === null || detectableRatio === null || reference === undefined) return '–';
  return perEvent(nsPerEvent, ((detectableRatio - 1) * reference.medianWallNs) / Number(events));
}

/** With a digit behind the point, unless the interval is wide. */
function perEvent({ low, high }: CostPerEvent, ns: number): string {
  return fixed(ns, Math.max(Math.abs(low), Math.abs(high)) < 1_000 ? 1 : 0);
}
