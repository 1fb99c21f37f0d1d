import { QibenchError } from '../contract/error.js';
import type { JobPlan, JobRequest } from '../contract/job.js';
import type { Scope } from '../contract/token.js';
import { judgesInstructions } from './batches.js';

/** A job that measures until its comparisons are decided counts with the runs that a quick guest has in its time. */
const RUNS_PER_SECOND = 10;

/** What a project may use. */
export interface Quota {
  readonly queuedJobs: number;
  readonly uploadBytes: number;
  /** Measured runs of one job: blocks × variants × workloads, of all batches, or what fits in its time; as many again where instructions are counted to be judged. */
  readonly runsPerJob: number;
}

/** Who asks, and what for they may. */
export interface Access {
  /** For people: the name and id of a token. */
  readonly subject: string;
  readonly tokenId: string | null;
  readonly scopes: readonly Scope[];
  /** The only project that there is for them; null: all, and what has none. */
  readonly project: string | null;
  /** Of the project; null without one. */
  readonly quota: Quota | null;
}

export function mayDo({ scopes }: Access, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes('admin');
}

/** Errors: QUOTA_EXCEEDED, if the plan is too large for the project. */
export function checkRuns({ project, quota }: Access, plan: JobPlan): void {
  const blockRuns = plan.variants.length * plan.workloads.length;
  const timedRuns = Math.min(
    plan.blocks * plan.batches * blockRuns,
    (plan.withinSeconds ?? Infinity) * RUNS_PER_SECOND,
  );
  const runs = timedRuns * (judgesInstructions(plan) ? 2 : 1);
  if (quota !== null && runs > quota.runsPerJob)
    throw quotaExceeded(project, 'measured runs in a job', quota.runsPerJob, runs);
}

/** Errors: SCOPE_MISSING, if the job would go before everybody's and they may not say so. */
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
