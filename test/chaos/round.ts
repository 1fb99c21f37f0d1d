// SPDX-License-Identifier: GPL-2.0-or-later
import { random, randomInteger, shuffled } from '#statistics/random.js';
import { FAULTS, DOCKER_FAULTS } from './faults.js';
import { brokenInvariants } from './invariants.js';
import { JOB_KINDS, withRetry, submitJob, type ChaosJob, type JobKind } from './jobs.js';
import type { Stack } from './stack.js';
import { ended, reached, STEPS, type Step } from './steps.js';

const END_LIMIT_MS = 240_000;
const CANCEL_LIMIT_MS = 30_000;

/** One fault at one step of one of the round's jobs. */
interface Strike {
  readonly fault: string;
  readonly step: Step;
  readonly block: number;
  readonly pauseMs: number;
  /** Index in the round's jobs. */
  readonly job: number;
}

export interface Plan {
  readonly kinds: readonly JobKind[];
  /** The step at which jobs of the kind `cancelled` are cancelled. */
  readonly cancelAt: Step;
  readonly strikes: readonly Strike[];
}

export interface Outcome extends Plan {
  readonly seed: number;
  readonly seconds: number;
  /** Per strike: whether the job reached its step. */
  readonly struck: readonly boolean[];
  readonly broken: readonly string[];
}

const SHUFFLE_SEED = 6;

/**
 * Derives a round from a seed: one measured job and perhaps one more, one fault and in some rounds
 * a second. Consecutive seeds cover all faults at all steps.
 */
function planRound(seed: number, withDocker: boolean): Plan {
  const next = random(seed, 1_789);
  const draw = <T>(values: readonly T[]): T => values[randomInteger(next, values.length)]!;
  const known = Object.keys(FAULTS).filter((name) => withDocker || !DOCKER_FAULTS.includes(name));
  const all = shuffled(
    known.flatMap((fault) => STEPS.map((step) => ({ fault, step }))),
    random(SHUFFLE_SEED, 1_789),
  );
  const at = (place: { fault: string; step: Step }): Strike => ({
    ...place,
    block: randomInteger(next, 7),
    pauseMs: randomInteger(next, 2_500),
    job: 0,
  });

  const first = all[seed % all.length]!;
  const kinds: JobKind[] = [
    first.step === 'ingesting' ? 'traced' : draw(['plain', 'plain', 'measured', 'traced'] as const),
  ];
  if (next() < 0.25) kinds.push(draw(JOB_KINDS));
  const strikes = [at(first)];
  if (next() < 0.25)
    strikes.push(
      at({
        fault: draw(known.filter((fault) => fault !== first.fault)),
        step: draw(STEPS.filter((step) => kinds[0] === 'traced' || step !== 'ingesting')),
      }),
    );
  return { kinds, cancelAt: draw(STEPS.filter((step) => step !== 'ingesting')), strikes };
}

/** Runs the round of a seed on a running service and checks its outcome. */
export async function runRound(stack: Stack, rootDir: string, seed: number): Promise<Outcome> {
  return runPlan(stack, rootDir, seed, planRound(seed, stack.ownDocker !== null));
}

/** @param endLimitMs Milliseconds after which a job counts as not ended. */
export async function runPlan(
  stack: Stack,
  rootDir: string,
  seed: number,
  plan: Plan,
  endLimitMs = END_LIMIT_MS,
): Promise<Outcome> {
  const startedMs = performance.now();
  const broken: string[] = [];
  const jobs: ChaosJob[] = [];
  for (const [index, kind] of plan.kinds.entries())
    jobs.push(
      await submitJob(stack, rootDir, kind, `round ${seed} job ${index} of ${process.pid}`),
    );
  const refused = new Set<string>();
  const cancelling = jobs
    .filter(({ kind }) => kind === 'cancelled')
    .map(async ({ id }) => {
      await reached(stack, id, plan.cancelAt, 1);
      await withRetry(() => stack.client.post(`/v1/jobs/${id}/cancel`, {})).catch(() =>
        refused.add(id),
      ); // the job ended first
      const askedMs = performance.now();
      if (await ended(stack, id, endLimitMs)) {
        const seconds = (performance.now() - askedMs) / 1000;
        // A fault during the cancellation may add the time to detect it.
        if (seconds > CANCEL_LIMIT_MS / 1000 && plan.strikes.length === 0)
          broken.push(`cancelled after ${seconds.toFixed(0)} s`);
      }
    });
  const striking = plan.strikes.map(async ({ fault, step, block, pauseMs, job }) => {
    const there = await reached(stack, jobs[job]!.id, step, block);
    await FAULTS[fault]!(stack, jobs[job]!.id, pauseMs).catch((error: unknown) =>
      broken.push(`${fault}: ${String(error)}`),
    );
    return there;
  });
  const struck = await Promise.all(striking);
  await Promise.all(cancelling);
  await Promise.all(jobs.map(({ id }) => ended(stack, id, endLimitMs)));
  return {
    ...plan,
    seed,
    seconds: (performance.now() - startedMs) / 1000,
    struck,
    broken: [
      ...broken,
      ...(await brokenInvariants(
        stack,
        jobs.map((job) => (refused.has(job.id) ? { ...job, kind: 'measured' } : job)),
      )),
    ],
  };
}
