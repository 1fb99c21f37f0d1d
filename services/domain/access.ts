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

/** Returns the largest number of measured runs that a plan may have. */
export function mostRuns(plan: JobPlan): number {
  const blockRuns = plan.variants.length * plan.workloads.length;
  const timedRuns = Math.min(
    plan.blocks * plan.batches * blockRuns,
    (plan.withinSeconds ?? Infinity) * RUNS_PER_SECOND,
  );
  return timedRuns * (judgesInstructions(plan) ? 2 : 1);
}

interface JobSize {
  readonly variants: number;
  readonly workloads: number;
  /** 0 for a job that does not fix the number. */
  readonly blocks: number;
}

/**
 * Checks the size of a job against the quotas of its project. A request has to pass before it is
 * planned, because planning takes time for every variant.
 * @throws {QUOTA_EXCEEDED} The job has more variants, workloads or blocks than the project may have.
 */
export function checkSize(
  { project, quota }: Pick<Access, 'project' | 'quota'>,
  size: JobSize,
): void {
  if (quota === null) return;
  for (const [field, limit] of [
    ['variants', quota.variantsPerJob],
    ['workloads', quota.workloadsPerJob],
    ['blocks', quota.blocksPerJob],
  ] as const)
    if (size[field] > limit)
      throw quotaExceeded(project, `${field} in a job`, limit, size[field], field);
}

/**
 * Checks a plan against the quotas of its project.
 * @throws {QUOTA_EXCEEDED} The job has more variants, workloads, blocks or runs than the project may
 *   have.
 */
export function checkPlan(access: Pick<Access, 'project' | 'quota'>, plan: JobPlan): void {
  checkSize(access, {
    variants: plan.variants.length,
    workloads: plan.workloads.length,
    blocks: plan.withinSeconds === null ? plan.blocks : 0,
  });
  const { project, quota } = access;
  const runs = mostRuns(plan);
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
  field = '',
): QibenchError {
  const details = field === '' ? [] : [{ path: field, message: `${wanted}, at most ${limit}` }];
  return new QibenchError(
    'QUOTA_EXCEEDED',
    { project: project ?? '', what, limit, wanted },
    { details },
  );
}
