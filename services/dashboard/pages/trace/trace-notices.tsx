// SPDX-License-Identifier: GPL-2.0-or-later
import type { Trace } from '#contract/trace.js';
import { bytes, count, percent } from '../../format/numbers.js';
import { moment } from '../../format/times.js';
import { traceName } from './trace-name.js';

/**
 * Shows which parts of a trace are missing, so that an incomplete trace is not mistaken for a
 * complete one.
 */
export function TraceNotices({ trace }: { trace: Trace }) {
  const {
    dropped,
    records,
    recordsStored,
    partial,
    partialReason,
    quotaReached,
    expiredAt,
    keptUntil,
    storedBytes,
  } = trace;
  const all = Number(records) + Number(dropped);
  return (
    <>
      {dropped !== '0' && (
        <Notice title={`${count(dropped)} records were dropped`} trace={trace}>
          QEMU could not write as fast as events arrived: {percent(Number(dropped) / all)} of{' '}
          {count(all)} records are missing. They may be gaps in the timeline; rates and times
          between records count the remaining ones.
        </Notice>
      )}
      {partial && (
        <Notice title="The trace is truncated" trace={trace}>
          {partialReason === null ? 'The file ends within a record' : sentence(partialReason)}.
          Everything before that is here.
        </Notice>
      )}
      {quotaReached && (
        <Notice title="The quota was reached" trace={trace}>
          {count(recordsStored)} of {count(records)} records are stored ({bytes(storedBytes)}).
          Timeline and statistics cover all records; the list of records and the exports end at the
          quota.
        </Notice>
      )}
      {expiredAt === null && keptUntil !== null && (
        <p className="soft">
          The records are kept until {moment(keptUntil)} at the latest, as the job requests.
        </p>
      )}
      {expiredAt !== null && (
        <Notice title="The records have been removed" trace={trace}>
          On {moment(expiredAt)} they were too old or took disk space that newer traces of the
          project needed.{' '}
          {storedBytes === '0'
            ? 'Later its timeline and statistics were removed, too.'
            : 'Timeline and statistics are still here.'}
        </Notice>
      )}
    </>
  );
}

const sentence = (reason: string): string => `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`;

function Notice({
  title,
  trace,
  children,
}: {
  title: string;
  trace: Trace;
  children: React.ReactNode;
}) {
  return (
    <section className="notice worse" role="note" aria-label={title}>
      <strong>
        <span aria-hidden="true">▲ </span>
        {title}
      </strong>
      <p className="break">{children}</p>
      <p className="soft">{traceName(trace)}</p>
    </section>
  );
}
