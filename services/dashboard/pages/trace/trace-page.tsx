// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Trace } from '#contract/trace.js';
import { get } from '../../http/client.js';
import { Loaded } from '../../components/loaded.js';
import { useTitle } from '../../components/title.js';
import { TraceView } from './trace-view.js';
import './trace.css';
import { traceName } from './trace-name.js';
import { useAddress } from './use-address.js';

export function TracePage({ id }: { id: string }) {
  useTitle(`Trace ${id}`);
  const [search, change] = useAddress();
  const withId = search.get('with');
  const trace = useTrace(id);
  const other = useTrace(withId);
  return (
    <>
      <div className="page-head">
        <h1>{trace.data === undefined ? `Trace ${id}` : traceName(trace.data)}</h1>
        {trace.data !== undefined && (
          <Link href={`/jobs/${trace.data.jobId}`}>Job of this trace</Link>
        )}
      </div>
      <Loaded query={trace} height={700}>
        {(loaded) => {
          const choose = (chosen: string | null) =>
            change({ with: chosen, withEvent: null, withWhere: null }, { replace: false });
          if (withId === null)
            return <TraceView key={id} trace={loaded} other={null} onChoose={choose} />;
          return (
            <Loaded query={other} height={700}>
              {(two) => (
                <TraceView key={`${id} ${withId}`} trace={loaded} other={two} onChoose={choose} />
              )}
            </Loaded>
          );
        }}
      </Loaded>
    </>
  );
}

function useTrace(id: string | null) {
  return useQuery({
    queryKey: ['trace', id],
    queryFn: ({ signal }) => get<Trace>(`/v1/traces/${encodeURIComponent(id!)}`, signal),
    enabled: id !== null,
  });
}
