import type { RecordPage, Trace, TraceRecord } from '../../../contract/trace.js';
import { count } from '../../format/numbers.js';
import { relative } from './time-axis.js';
import { originOf } from './trace-times.js';

/** A page of records; text of arguments is hostile and stays text. */
export function RecordTable({ trace, page }: { trace: Trace; page: RecordPage | null }) {
  const origin = originOf(trace);
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
            <th className="number">Thread</th>
          </tr>
        </thead>
        <tbody>
          {page?.records.map((record) => (
            <tr key={record.sequence}>
              <td className="number">{count(record.sequence)}</td>
              <td className="number">{relative(Number(BigInt(record.timestampNs) - origin), 1)}</td>
              <td className="mono">{record.event}</td>
              <td>
                <Arguments record={record} />
              </td>
              <td className="number">{record.pid}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {page !== null && page.records.length === 0 && (
        <p className="empty">
          {page.next === null
            ? 'No record from the cursor on is like this.'
            : 'None among those looked at so far: go on with the next page.'}
        </p>
      )}
    </div>
  );
}

export function Arguments({ record }: { record: TraceRecord }) {
  return (
    <span className="mono break">
      {Object.entries(record.arguments).map(([name, value]) => (
        <span key={name} className="argument">
          <span className="soft">{name}=</span>
          {value}{' '}
        </span>
      ))}
    </span>
  );
}
