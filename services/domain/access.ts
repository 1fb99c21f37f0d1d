// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import type { JobPlan, JobRequest } from '#contract/job.js';
import type { ProjectQuota } from '#contract/project-use.js';
import type { Scope } from '#contract/token.js';
import { judgesInstructions } from './batches.js';

/**
 * Runs per second of a fast guest; estimates the runs of a job without a fixed number of blocks.
 */
export const RUNS_PER_SECOND = 10;

/** A caller and its permissions. */
export interface Access {
  /** Name and id of the token, for display. */
  readonly subject: string;
  readonly tokenId: string | null;
  /** The token whose limits apply: for a session, the token that opened it. */
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

/** Returns the largest number of measured runs that a plan may have. */
export function mostRuns(plan: JobPlan): number {
  const blockRuns = plan.variants.length * plan.workloads.length;
  const timedRuns = Math.min(
    plan.blocks * plan.batches * blockRuns,
    (plan.withinSeconds ?? Infinity) * RUNS_PER_SECOND,
  );
  return timedRuns * (judgesInstructions(plan) ? 2 : 1);
}

/**
 * Checks a plan against the quotas of its project.
 * @throws {QUOTA_EXCEEDED} The job has more variants, workloads, blocks or runs than the project may
 *   have.
 */
export function checkPlan(
  { project, quota }: Pick<Access, 'project' | 'quota'>,
  plan: JobPlan,
): void {
  if (quota === null) return;
  const blocks = plan.withinSeconds === null ? plan.blocks : 0;
  for (const [field, what, limit, wanted] of [
    ['variants', 'variants in a job', quota.variantsPerJob, plan.variants.length],
    ['workloads', 'workloads in a job', quota.workloadsPerJob, plan.workloads.length],
    ['blocks', 'blocks in a job', quota.blocksPerJob, blocks],
    ['', 'measured runs in a job', quota.runsPerJob, mostRuns(plan)],
  ] as const)
    if (wanted > limit) throw quotaExceeded(project, what, limit, wanted, field);
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
  field = '',
): QibenchError {
  const details = field === '' ? [] : [{ path: field, message: `${wanted}, at most ${limit}` }];
  return new QibenchError(
    'QUOTA_EXCEEDED',
    { project: project ?? '', what, limit, wanted },
    { details },
  );
}
