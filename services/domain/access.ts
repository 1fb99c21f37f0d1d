// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import type { JobPlan, JobRequest } from '#contract/job.js';
import type { ProjectQuota } from '#contract/project-use.js';
import type { Scope } from '#contract/token.js';
import { judgesInstructions } from './batches.js';

/**
 * Runs per second of a fast guest; estimates the runs of a job without a fixed number of blocks.
 */
const RUNS_PER_SECOND = 10;

/** A caller and its permissions. */
export interface Access {
  /** Name and id of the token, for display. */
  readonly subject: string;
  readonly tokenId: string | null;
  /** Whose limits apply: the token, for a session the token that opened it, or the workflow run. */
  readonly account: string | null;
  readonly scopes: readonly Scope[];
  /** The only project that the caller can see; null: all projects and jobs without a project. */
  readonly project: string | null;
  /** Quota of the project; null without a project. */
  readonly quota: ProjectQuota | null;
}

/** A caller without a token. */
export const ANONYMOUS: Access = {
  subject: 'anonymous',
  tokenId: null,
  account: null,
  scopes: [],
  project: null,
  quota: null,
};

export function mayDo({ scopes }: Pick<Access, 'scopes'>, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes('admin');
}

/**
 * Checks the number of measured runs in a plan.
 * @throws {QUOTA_EXCEEDED} The plan has more runs than the project may have in a job.
 */
export function checkRuns(
  { project, quota }: Pick<Access, 'project' | 'quota'>,
  plan: JobPlan,
): void {
  const blockRuns = plan.variants.length * plan.workloads.length;
  const timedRuns = Math.min(
    plan.blocks * plan.batches * blockRuns,
    (plan.withinSeconds ?? Infinity) * RUNS_PER_SECOND,
  );
  const runs = timedRuns * (judgesInstructions(plan) ? 2 : 1);
  if (quota !== null && runs > quota.runsPerJob)
    throw quotaExceeded(project, 'measured runs in a job', quota.runsPerJob, runs);
}

/**
 * Checks that the caller may request the priority.
 * @throws {SCOPE_MISSING} The priority is urgent and the caller lacks the scope admin.
 */
export function checkPriority(access: Access, { priority }: Pick<JobRequest, 'priority'>): void {
  if (priority !== 'urgent' || mayDo(access, 'admin')) return;
  throw new QibenchError(
    'SCOPE_MISSING',
    { scope: 'admin' },
    { details: [{ path: 'priority', message: '"urgent" goes before the jobs of every project' }] },
  );
}

export function quotaExceeded(
  project: string | null,
  what: string,
  limit: number,
  wanted: number,
): QibenchError {
  return new QibenchError('QUOTA_EXCEEDED', { project: project ?? '', what, limit, wanted });
}
