// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { RecordPage, Trace } from '#contract/trace.js';
import { timeText } from '#contract/trace-time.js';
import { ApiError, get, withQuery } from '../../http/client.js';
import { FailureNotice } from '../../components/error-notice.js';
import { Field } from '../../components/field.js';
import { RecordTable } from './record-table.js';
import type { View } from './time-axis.js';
import { traceName } from './trace-name.js';
import { originOf } from './trace-times.js';
import { useRecordFilter } from './use-record-filter.js';

const PAGE_RECORDS = 50;

interface RecordSectionProps {
  trace: Trace;
  /** Time whose records are listed. */
  shown: View;
  cursorNs: number | null;
  /** Whether the trace stands beside the page's own. */
  second: boolean;
  /** True if two traces are shown: headings then name the trace. */
  several: boolean;
}

/**
 * Lists the records of the shown time, from the cursor on if it is in there, filtered by event and
 * arguments.
 */
export function RecordSection({ trace, shown, cursorNs, second, several }: RecordSectionProps) {
  const [{ event, where }, setFilter] = useRecordFilter(trace, second);
  const [typed, setTyped] = useState(where.join('; '));
  const within = cursorNs !== null && cursorNs >= shown.fromNs && cursorNs <= shown.toNs;
  const startNs = within ? cursorNs : Math.floor(shown.fromNs);
  const endNs = Math.ceil(shown.toNs);
  const place = JSON.stringify([startNs, endNs, event, where]);
  // Starting points of the visited pages. Another time or filter resets them.
  const [pages, setPages] = useState<{ place: string; after: readonly string[] }>({
    place,
    after: [],
  });
  const after = pages.place === place ? pages.after : [];
  const query = {
    fromNs: (originOf(trace) + BigInt(startNs)).toString(),
    toNs: (originOf(trace) + BigInt(endNs)).toString(),
    event: event || null,
    where,
    after: after.at(-1) ?? null,
    limit: PAGE_RECORDS,
  };
  const records = useQuery({
    queryKey: ['records', trace.id, query],
    queryFn: ({ signal }) =>
      get<RecordPage>(withQuery(`/v1/traces/${trace.id}/records`, query), signal),
    placeholderData: (previous) => previous,
    enabled: trace.expiredAt === null,
  });
  const whereErrors =
    records.error instanceof ApiError
      ? records.error.body.details
          .filter(({ path }) => path.startsWith('where'))
          .map(({ message }) => message)
      : [];
  const submit = (submitted: FormEvent) => {
    submitted.preventDefault();
    setFilter({
      where: typed
        .split(/[;\n]/)
        .map((word) => word.trim())
        .filter((word) => word !== ''),
    });
  };
  const heading = `records-${trace.id}`;
  return (
    <section className="card" aria-labelledby={heading}>
      <div className="card-head">
        <h2 id={heading}>Records{several ? ` of ${traceName(trace)}` : ''}</h2>
        <span className="soft">
          from {timeText(startNs)} to {timeText(endNs)}
        </span>
      </div>
      {trace.expiredAt !== null ? (
        <p className="empty">The records of this trace have been removed.</p>
      ) : (
        <>
          <form className="record-filter" onSubmit={submit} aria-label="Filter records">
            <Field label="Event">
              {(control) => (
                <select
                  {...control}
                  value={event}
                  onChange={({ target }) => setFilter({ event: target.value })}
                >
                  <option value="">all events</option>
                  {trace.events.map(({ name }) => (
                    <option key={name}>{name}</option>
                  ))}
                </select>
              )}
            </Field>
            <Field
              label="Arguments"
              errors={whereErrors}
              hint={
                'for example addr=0x3f8; separate several by ;. Numbers: = != < <= > >=, text: ' +
                '= != and ~ (contains)'
              }
              className="grow"
            >
              {(control) => (
                <input
                  {...control}
                  type="text"
                  className="mono"
                  value={typed}
                  onChange={({ target }) => setTyped(target.value)}
                  autoComplete="off"
                  spellCheck={false}
                />
              )}
            </Field>
            <button type="submit">Filter</button>
          </form>
          {records.isError && whereErrors.length === 0 && <FailureNotice error={records.error} />}
          <div
            className={records.isPlaceholderData || records.isError ? 'outdated' : undefined}
            aria-busy={records.isFetching}
          >
            <RecordTable trace={trace} page={records.data ?? null} />
          </div>
          <div className="row">
            <button
              type="button"
              disabled={after.length === 0}
              onClick={() => setPages({ place, after: after.slice(0, -1) })}
            >
              ← Previous page
            </button>
            <button
              type="button"
              disabled={
                records.isPlaceholderData ||
                records.data === undefined ||
                records.data.next === null
              }
              onClick={() => setPages({ place, after: [...after, records.data!.next!] })}
            >
              Next page →
            </button>
            <span className="soft">page {after.length + 1}</span>
          </div>
        </>
      )}
    </section>
  );
}
