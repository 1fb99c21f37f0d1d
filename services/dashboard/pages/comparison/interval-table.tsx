import type { ReactNode } from 'react';
import type { ComparisonRow } from '../../../contract/comparison.js';
import { intervalWords } from '../../../contract/interval-words.js';
import { movedWords } from '../../../contract/verdict-words.js';
import { groupsOf } from '../../format/groups.js';
import { ratio } from '../../format/numbers.js';
import { RatioAxisTicks } from './interval-bar.js';
import type { RatioAxis } from './ratio-axis.js';
import { VariantMark, type Look } from './variant-mark.js';

/** Head of the column in which intervals are drawn: the axis that all rows share. */
export function IntervalHead({ axis }: { axis: RatioAxis }) {
  return (
    <th scope="col" className="bar">
      <span className="visually-hidden">Interval, drawn</span>
      <RatioAxisTicks axis={axis} />
    </th>
  );
}

/** Head of the column of minimum detectable effects. */
export function FindsHead() {
  return (
    <th
      scope="col"
      className="number"
      title="Minimum detectable effect: the smallest that these blocks find four times out of five"
    >
      Finds from
    </th>
  );
}

/** Head of the column of the second opinion. */
export function ProcessorHead() {
  return (
    <th scope="col" title="Processor time, user and system: it does not see waiting">
      Processor time
    </th>
  );
}

/** The same ratio of processor time, and what it means that both times do not agree. */
export function ProcessorCell({
  row,
}: {
  row: Pick<ComparisonRow, 'processor' | 'moved' | 'ratio'>;
}) {
  const { processor } = row;
  if (processor === null) return <td className="cell-processor" />;
  const moved = movedWords(row);
  return (
    <td className="cell-processor">
      {ratio(processor.ratio)} <div className="soft small">{intervalWords(processor)}</div>
      {moved !== null && <div className="small">{moved}</div>}
    </td>
  );
}

/** Rows under their workloads, in the order in which those come first. */
export function WorkloadGroups<R extends { readonly workload: string }>({
  rows,
  columns,
  children,
}: {
  rows: readonly R[];
  columns: number;
  children: (row: R) => ReactNode;
}) {
  return [...groupsOf(rows, ({ workload }) => workload)].map(([workload, group]) => (
    <tbody key={workload}>
      <tr className="group">
        <th scope="rowgroup" colSpan={columns}>
          {workload}
        </th>
      </tr>
      {group.map(children)}
    </tbody>
  ));
}

/** Head of a variant's row, with the mark that it has in the plots. */
export function VariantHead({ name, looks }: { name: string; looks: ReadonlyMap<string, Look> }) {
  return (
    <th scope="row" className="cell-name">
      <span className="row">
        <VariantMark look={looks.get(name)} />
        {name}
      </span>
    </th>
  );
}
