// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import type { Trace, TraceList } from '#contract/trace.js';
import { get } from '../../http/client.js';
import { Field } from '../../components/field.js';
import { traceName } from './trace-name.js';

interface OtherTraceProps {
  trace: Trace;
  other: Trace | null;
  onChoose: (id: string | null) => void;
}

/**
 * Selects the trace to show beside this one: a trace of the same job, or the one in the address.
 */
export function OtherTrace({ trace, other, onChoose }: OtherTraceProps) {
  const traces = useQuery({
    queryKey: ['traces', trace.jobId],
    queryFn: ({ signal }) => get<TraceList>(`/v1/jobs/${trace.jobId}/traces`, signal),
  });
  const ofJob = (traces.data?.traces ?? []).filter(({ id }) => id !== trace.id);
  const options =
    other === null || ofJob.some(({ id }) => id === other.id) ? ofJob : [other, ...ofJob];
  return (
    <Field label="Compare with" className="other-trace">
      {(control) => (
        <select
          {...control}
          value={other?.id ?? ''}
          onChange={({ target }) => onChoose(target.value === '' ? null : target.value)}
        >
          <option value="">no other trace</option>
          {options.map((candidate) => (
            <option key={candidate.id} value={candidate.id}>
              {traceName(candidate)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
