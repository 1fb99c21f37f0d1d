// SPDX-License-Identifier: GPL-2.0-or-later
import Table from 'cli-table3';

/** Text of a cell without a value. */
export const NONE = '—';

/** A column of a table: its head, the text of its cells, and whether it is aligned to the right. */
export interface Column<R> {
  readonly head: string;
  readonly cell: (row: R) => string | null;
  readonly right?: boolean;
}

/** Formats rows as a table. */
export function render<R>(columns: readonly Column<R>[], rows: readonly R[]): string {
  const table = new Table({
    head: columns.map(({ head }) => head),
    style: { head: [], border: [] },
    colAligns: columns.map(({ right = false }) => (right ? 'right' : 'left')),
  });
  table.push(...rows.map((row) => columns.map(({ cell }) => cell(row) ?? NONE)));
  return table.toString();
}
