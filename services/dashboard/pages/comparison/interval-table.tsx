// SPDX-License-Identifier: GPL-2.0-or-later
import type { ReactNode } from 'react';
import type { ComparisonRow } from '#contract/comparison.js';
import { ratioWords } from '#contract/interval-words.js';
import { movedWords } from '#contract/verdict-words.js';
import { groupsOf } from '../../format/groups.js';
import { ratio } from '../../format/numbers.js';
import { RatioAxisTicks } from './interval-bar.js';
import type { RatioAxis } from './ratio-axis.js';
import { MDE_TITLE } from './verdict-summary.js';
import { VariantMark, type VariantStyle } from './variant-mark.js';

/** Column head of drawn intervals: the axis that all rows share. */
export function IntervalHead({ axis }: { axis: RatioAxis }) {
  return (
    <th scope="col" className="bar">
      <span className="visually-hidden">Interval, drawn</span>
      <RatioAxisTicks axis={axis} />
    </th>
  );
}

/** Column head of minimum detectable effects. */
export function FindsHead() {
  return (
    <th scope="col" className="number" title={MDE_TITLE}>
      MDE
    </th>
  );
}

/** Column head of processor time, the second opinion. */
export function ProcessorHead() {
  return (
    <th scope="col" title="Processor time, user and system: excludes waiting">
      Processor time
    </th>
  );
}

/** Shows the ratio of processor time, and an explanation if it does not agree with wall time. */
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
      {ratio(processor.ratio)} <div className="soft small">{ratioWords(processor)}</div>
      {moved !== null && <div className="small">{moved}</div>}
    </td>
  );
}

/** Groups rows under their workloads, in the order of their first row. */
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

/** Row head of a variant, with its mark from the plots. */
export function VariantHead({
  name,
  styles,
}: {
  name: string;
  styles: ReadonlyMap<string, VariantStyle>;
}) {
  return (
    <th scope="row" className="cell-name">
      <span className="row">
        <VariantMark style={styles.get(name)} />
        {name}
      </span>
    </th>
  );
}
