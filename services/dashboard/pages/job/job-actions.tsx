// SPDX-License-Identifier: GPL-2.0-or-later
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Job } from '#contract/job.js';
import { send } from '../../http/client.js';
import { newKey, submitJob } from '../../http/submit.js';
import { Confirm } from '../../components/confirm.js';
import { hasEnded } from '../../components/has-ended.js';

interface JobActionsProps {
  job: Job;
  onFailure: (error: unknown) => void;
}

/** Shows the buttons that cancel a job, edit and run it, run it again, and open its comparison. */
export function JobActions({ job, onFailure }: JobActionsProps) {
  const [asks, setAsks] = useState(false);
  const [key] = useState(newKey);
  const [, navigate] = useLocation();
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => send<Job>('POST', `/v1/jobs/${job.id}/cancel`),
    onSuccess: (cancelled) => client.setQueryData(['job', job.id], cancelled),
    onError: onFailure,
  });
  const again = useMutation({
    mutationFn: () => submitJob(job.request, key),
    onSuccess: ({ id }) => navigate(`/jobs/${id}`),
    onError: onFailure,
  });
  return (
    <div className="row">
      {!hasEnded(job.state) && (
        <button
          type="button"
          disabled={job.cancelRequested || cancel.isPending}
          onClick={() => setAsks(true)}
        >
          {job.cancelRequested ? 'Cancelling …' : 'Cancel'}
        </button>
      )}
      <Link href={`/submit?from=${job.id}`} className="button">
        Edit and run
      </Link>
      <button type="button" disabled={again.isPending} onClick={() => again.mutate()}>
        Run again
      </button>
      {job.state === 'succeeded' && (
        <Link href={`/jobs/${job.id}/compare`} className="button primary">
          Comparison
        </Link>
      )}
      {asks && (
        <Confirm
          title="Cancel this job?"
          yes="Cancel the job"
          onClose={() => setAsks(false)}
          onYes={() => {
            setAsks(false);
            cancel.mutate();
          }}
        >
          The job ends now and cannot be resumed. Samples of finished blocks are kept.
        </Confirm>
      )}
    </div>
  );
}
