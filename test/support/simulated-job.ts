// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';
import type { Sample } from '#contract/sample.js';
import { isSpent, undecided } from '#domain/decisions.js';
import { scheduleBlock, type ComparisonName, type ScheduledRun } from '#domain/schedule.js';
import { sampleOf } from './sample.js';

const BEGIN_MS = Date.parse('2026-01-01T00:00:00Z');
/** Time around a run. */
const OVERHEAD_MS = 30;

/** Duration of a run in ms. */
export type RunMs = (run: ScheduledRun, block: number) => number;

/**
 * Returns the next block of a job that measures until its comparisons are decided; null at its end.
 */
export function nextBlock(plan: JobPlan, samples: readonly Sample[]): ScheduledRun[] | null {
  const isOpen = whatIsOpen(plan, samples);
  return isOpen === null ? null : scheduleBlock(plan, blockAfter(samples), isOpen);
}

/** Returns which comparisons still need runs; null at the job's end. */
export function whatIsOpen(
  plan: JobPlan,
  samples: readonly Sample[],
): ((comparison: ComparisonName) => boolean) | null {
  const open = undecided(plan, samples);
  if (open.length === 0 || isSpent(plan, samples)) return null;
  return (wanted) =>
    open.some(
      ({ about, variant, workload }) =>
        about === wanted.about && variant === wanted.variant && workload === wanted.workload,
    );
}

/** Returns the samples of a block's runs, one after the other. */
export function runBlock(
  runs: readonly ScheduledRun[],
  block: number,
  runMs: RunMs,
  startMs = BEGIN_MS + block * 10_000,
): Sample[] {
  let nowMs = startMs;
  return runs.map((scheduled) => {
    const { cpuDraw: _cpuDraw, ...run } = scheduled;
    const wallMs = runMs(scheduled, block);
    const startedAt = new Date(nowMs).toISOString();
    nowMs += wallMs + OVERHEAD_MS;
    const wallNs = String(Math.round(wallMs * 1e6));
    return sampleOf({ ...run, block, wallNs, startedAt, buildKey: `${run.side}'s` });
  });
}

/** Runs a job from its existing samples to its end. */
export function measure(plan: JobPlan, runMs: RunMs, before: readonly Sample[] = []): Sample[] {
  const samples = [...before];
  for (;;) {
    const runs = nextBlock(plan, samples);
    if (runs === null) return samples;
    samples.push(...runBlock(runs, blockAfter(samples), runMs));
  }
}

/** Returns `count` measured blocks of every comparison, decided or not. */
export function measuredBlocks(plan: JobPlan, count: number, runMs: RunMs): Sample[] {
  return Array.from({ length: count }, (_, index) => index + 1).flatMap((block) =>
    runBlock(scheduleBlock(plan, block), block, runMs),
  );
}

function blockAfter(samples: readonly Sample[]): number {
  return 1 + samples.reduce((most, { block }) => Math.max(most, block), 0);
}
