// SPDX-License-Identifier: GPL-2.0-or-later
import { ENDED_STATES, type JobState } from '#contract/job.js';
import type { Stack } from './stack.js';

/** Steps of a job at which a fault can strike. */
export const STEPS = [
  'accepted',
  'claimed',
  'building',
  'running',
  'ingesting',
  'finishing',
] as const;
export type Step = (typeof STEPS)[number];

const LOOK_MS = 15;

interface Look {
  readonly state: JobState;
  readonly building: boolean;
  readonly samples: number;
  readonly ingesting: boolean;
  readonly last: boolean;
}

const LOOK = `SELECT state,
  EXISTS (
    SELECT 1 FROM job_event
    WHERE job_id = job.id AND body->>'type' = 'step-started'
      AND body->>'step' IN ('instrumentation', 'workload')
  ) AS building,
  (SELECT count(*)::int FROM sample WHERE job_id = job.id AND block = $2) AS samples,
  EXISTS (
    SELECT 1 FROM sample
    WHERE job_id = job.id AND variant LIKE 'backend%' AND size = 'full' AND block > 0
      AND records_stored IS NULL
  ) AS ingesting,
  blocks_done >= (plan->>'blocks')::int AS last
  FROM job WHERE id = $1`;

/**
 * Resolves with true when the job reaches the step, and with false if it ended before or has no
 * such step.
 */
export async function reached(
  stack: Stack,
  jobId: string,
  step: Step,
  block: number,
): Promise<boolean> {
  for (;;) {
    const [look] = await stack.query<Look>(LOOK, [jobId, block]);
    if (look === undefined) return false;
    if (isThere(look, step)) return true;
    if (ENDED_STATES.includes(look.state)) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function isThere(look: Look, step: Step): boolean {
  switch (step) {
    case 'accepted':
      return true;
    case 'claimed':
      return look.state !== 'queued';
    case 'building':
      return look.building;
    case 'running':
      return look.samples > 0;
    case 'ingesting':
      return look.ingesting;
    case 'finishing':
      return look.last;
  }
}

export async function ended(stack: Stack, jobId: string, limitMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + limitMs;
  for (;;) {
    const [row] = await stack.query<{ state: JobState }>('SELECT state FROM job WHERE id = $1', [
      jobId,
    ]);
    if (row !== undefined && ENDED_STATES.includes(row.state)) return true;
    if (performance.now() > deadlineMs) return false;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
