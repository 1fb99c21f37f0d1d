// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import type { Comparison } from '#contract/comparison.js';
import type { Job } from '#contract/job.js';
import { get } from '../../http/client.js';
import { hasEnded } from '../../components/has-ended.js';

const REFRESH_MS = 2_000;

/** Returns a job's comparison by wall time so far; undefined without a finished block. */
export function useWallComparison(job: Job): Comparison | undefined {
  return useQuery({
    queryKey: ['comparison', job.id, 'wallNs', false],
    enabled: job.blocksDone > 0,
    queryFn: ({ signal }) => get<Comparison>(`/v1/jobs/${job.id}/comparison`, signal),
    refetchInterval: hasEnded(job.state) ? (false as const) : REFRESH_MS,
  }).data;
}
