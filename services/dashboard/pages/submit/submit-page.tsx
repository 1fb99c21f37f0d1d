// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import type { Job } from '#contract/job.js';
import type { QemuVersion } from '#contract/qemu.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import { get } from '../../http/client.js';
import { Loaded } from '../../components/loaded.js';
import { useTitle } from '../../components/title.js';
import { draftOf, NEW_DRAFT, withBaseline, type Draft } from './draft.js';
import { SubmitForm } from './submit-form.js';
import './submit.css';

/**
 * Shows the form for a new job: empty, or filled from the job in `?from=`; with the job in
 * `&baseline=` as its baseline.
 */
export function SubmitPage() {
  useTitle('New job');
  const [search] = useSearchParams();
  const from = search.get('from');
  const baseline = search.get('baseline');
  const start = useQuery({
    queryKey: ['submit', from, baseline],
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const [{ versions }, { workloads }, job] = await Promise.all([
        get<{ versions: QemuVersion[] }>('/v1/qemu', signal),
        get<{ workloads: WorkloadDefinition[] }>('/v1/workloads', signal),
        from === null ? null : get<Job>(`/v1/jobs/${encodeURIComponent(from)}`, signal),
      ]);
      const draft = job === null ? newDraft(versions) : draftOf(job.request);
      return {
        versions,
        workloads,
        draft: baseline === null ? draft : withBaseline(draft, baseline),
      };
    },
  });
  return (
    <>
      <div className="page-head">
        <h1>{from === null ? 'New job' : 'New job like an earlier one'}</h1>
      </div>
      <Loaded query={start} height={1200}>
        {({ versions, workloads, draft }) => (
          <SubmitForm
            key={`${from} ${baseline}`}
            versions={versions}
            workloads={workloads}
            start={draft}
          />
        )}
      </Loaded>
    </>
  );
}

function newDraft(versions: readonly QemuVersion[]): Draft {
  const [first] = versions;
  if (first === undefined) return NEW_DRAFT;
  const target = first.targets.includes(NEW_DRAFT.qemu.target)
    ? NEW_DRAFT.qemu.target
    : first.targets[0]!;
  return { ...NEW_DRAFT, qemu: { version: first.version, target } };
}
