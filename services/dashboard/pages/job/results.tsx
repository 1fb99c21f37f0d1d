// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Job } from '#contract/job.js';
import type { Trace } from '#contract/trace.js';
import { groupsOf } from '../../format/groups.js';
import { count, shortCount } from '../../format/numbers.js';
import { serviceUrl } from '../../http/address.js';
import { get } from '../../http/client.js';
import { Badge } from '../../components/badge.js';
import { Command } from '../../components/command.js';
import { ExportLinks } from '../../components/export-links.js';
import { Answer } from './answer.js';

/** Shows the results of a job: comparison, traces and downloads. */
export function Results({ job }: { job: Job }) {
  const stored = job.plan.variants.some(({ trace }) => trace);
  const traces = useQuery({
    queryKey: ['job', job.id, 'traces'],
    enabled: stored,
    queryFn: ({ signal }) => get<{ traces: Trace[] }>(`/v1/jobs/${job.id}/traces`, signal),
  });
  const list = traces.data?.traces ?? [];
  return (
    <section className="card" aria-label="Results">
      <h2>Results</h2>
      <dl className="facts">
        <dt>Comparison</dt>
        <dd>
          <Answer job={job} />
        </dd>
        {list.length > 0 && (
          <>
            <dt>Traces</dt>
            <dd>
              {[...groupsOf(list, writerOf)].map(([writer, written]) => (
                <div key={writer}>
                  {writer}
                  <TraceLinks traces={written} />
                </div>
              ))}
            </dd>
          </>
        )}
        <dt>Download</dt>
        <dd>
          <ExportLinks id={job.id} />
        </dd>
      </dl>
      <Command
        label="Command that runs the job again and compares"
        text={`./qibench job reproduce ${job.id} --from ${serviceUrl()}`}
      />
    </section>
  );
}

/** Returns a label of the runs that wrote a trace: variant and workload. */
function writerOf({ side, variant, workload }: Trace): string {
  return `${side === 'base' ? `${variant}@base` : variant}, ${workload}`;
}

/** Marks an incomplete trace. The page of the trace states the reason. */
function TraceMark({ trace: { expiredAt, quotaReached, partial } }: { trace: Trace }) {
  const mark =
    expiredAt !== null ? 'removed' : quotaReached ? 'quota reached' : partial ? 'truncated' : null;
  return mark === null ? null : <Badge tone={['unsure', '!']}>{mark}</Badge>;
}

function TraceLinks({ traces }: { traces: readonly Trace[] }) {
  return (
    <ul className="trace-links">
      {traces.map((trace) => (
        <li key={trace.id}>
          <Link href={`/traces/${trace.id}`}>block {trace.block}</Link>{' '}
          <span className="soft" title={`${count(trace.records)} records`}>
            {shortCount(trace.records)}
          </span>
          <TraceMark trace={trace} />
        </li>
      ))}
    </ul>
  );
}
