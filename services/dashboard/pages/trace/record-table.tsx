// SPDX-License-Identifier: GPL-2.0-or-later
import { argumentTexts, type Declaration } from '#contract/argument-text.js';
import type { RecordPage, Trace, TraceRecord } from '#contract/trace.js';
import { sinceFirst } from '#contract/trace-time.js';
import { count } from '../../format/numbers.js';
import { PID_TITLE } from './pid-title.js';
import { useDeclarations } from './use-trace-events.js';

const UNDECLARED: Declaration = { arguments: [], format: null };

/** Shows a page of records. Text arguments are untrusted and are never interpreted as markup. */
export function RecordTable({ trace, page }: { trace: Trace; page: RecordPage | null }) {
  const declarations = useDeclarations(trace);
  return (
    <div
      className="table-scroll inside record-table"
      tabIndex={0}
      role="region"
      aria-label="Records"
    >
      <table>
        <thead>
          <tr>
            <th className="number">Record</th>
            <th className="number">Time</th>
            <th>Event</th>
            <th>Arguments</th>
            <th className="number" title={PID_TITLE}>
              pid
            </th>
          </tr>
        </thead>
        <tbody>
          {page?.records.map((record) => (
            <tr key={record.sequence}>
              <td className="number">{count(record.sequence)}</td>
              <td className="number">{sinceFirst(record.timestampNs, trace)}</td>
              <td className="mono">{record.event}</td>
              <td>
                <Arguments record={record} declaration={declarations.get(record.event)} />
              </td>
              <td className="number">{record.pid}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {page !== null && page.records.length === 0 && (
        <p className="empty">
          {page.next === null
            ? 'No matching records in this time.'
            : 'No matches in the records searched so far. Continue with the next page.'}
        </p>
      )}
    </div>
  );
}

/** Shows the arguments of a record, formatted by the declaration of its event. */
export function Arguments({
  record,
  declaration = UNDECLARED,
}: {
  record: TraceRecord;
  declaration: Declaration | undefined;
}) {
  return (
    <span className="mono break">
      {argumentTexts(declaration, record.arguments).map(([name, text]) => (
        <span key={name} className="argument">
          <span className="soft">{name}=</span>
          {text}{' '}
        </span>
      ))}
    </span>
  );
}
