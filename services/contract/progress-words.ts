// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobComparison } from './comparison.js';
import type { JobPlan } from './job.js';
import type { JobEventBody } from './job-event.js';

const SECONDS_PER_MINUTE = 60;

/** Formats a waiting time: `40 s`, `5 min`, `1 min 20 s`. */
export function waitWords(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [minutes, rest] = [Math.floor(whole / SECONDS_PER_MINUTE), whole % SECONDS_PER_MINUTE];
  if (minutes === 0) return `${rest} s`;
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
}

/**
 * Describes the progress after a block: `block 24, 12 s of at most 5 min, 3 comparisons open, about
 * 20 s left`, or `block 3 of 12, about 9 s left`.
 */
export function blockWords({
  block,
  blocks,
  withinSeconds,
  spentSeconds,
  undecided,
  remainingSeconds,
  warmup,
}: Extract<JobEventBody, { type: 'block' }>): string {
  if (warmup) return 'warm-up block';
  const seconds = remainingSeconds ?? 0;
  const left = seconds < 0.5 ? [] : [`about ${waitWords(seconds)} left`];
  if (withinSeconds === null)
    return [
      block > blocks
        ? `block ${block - blocks} of ${blocks} of the confirmation batch`
        : `block ${block} of ${blocks}`,
      ...left,
    ].join(', ');
  return [
    `block ${block}`,
    `${waitWords(spentSeconds)} of at most ${waitWords(withinSeconds)}`,
    openWords(undecided),
    ...(undecided === 0 ? [] : left),
  ].join(', ');
}

/**
 * Describes how many blocks a job has measured, with the total if it is fixed: `block 3/12`, `24
 * blocks`.
 */
export function blocksText(
  blocksDone: number,
  { blocks, batches, withinSeconds }: Pick<JobPlan, 'blocks' | 'batches' | 'withinSeconds'>,
): string {
  if (withinSeconds === null)
    return `block ${blocksDone}/${blocksDone > blocks ? blocks * batches : blocks}`;
  return `${blocksDone} ${blocksDone === 1 ? 'block' : 'blocks'}`;
}

/** Describes how long a plan expects to measure, and why. */
export function expectationWords({
  blocks,
  withinSeconds,
  expected,
  fewestBlocks = null,
}: Pick<JobPlan, 'blocks' | 'withinSeconds' | 'expected'> &
  Partial<Pick<JobPlan, 'fewestBlocks'>>): string {
  if (withinSeconds === null)
    return fewestBlocks === null || blocks >= fewestBlocks
      ? `measures ${blocks} blocks`
      : `measures ${blocks} blocks, which cannot detect a single difference, however large it is: ` +
          `that takes at least ${fewestBlocks}`;
  const most = `at most ${waitWords(withinSeconds)}`;
  return expected === null
    ? `measures ${most}; no estimate: no host has measured this guest yet`
    : `measures about ${waitWords(expected.seconds)}, ${most}: the host's noise is ` +
        `${(100 * expected.noiseSd).toFixed(1)} % a block`;
}

/**
 * Describes the progress of measuring: `12 s of at most 5 min, 24 blocks, 3 comparisons open, about
 * 20 s left`.
 */
export function progressWords({
  blocks,
  spentSeconds,
  withinSeconds,
  undecided,
  remainingSeconds,
}: JobComparison['progress']): string {
  const parts = [
    withinSeconds === null
      ? null
      : `${waitWords(spentSeconds)} of at most ${waitWords(withinSeconds)}`,
    `${blocks} ${blocks === 1 ? 'block' : 'blocks'}`,
    withinSeconds === null ? null : openWords(undecided),
    remainingSeconds === null || remainingSeconds === 0
      ? null
      : `about ${waitWords(remainingSeconds)} left`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

function openWords(undecided: number): string {
  if (undecided === 0) return 'all comparisons decided';
  return `${undecided} ${undecided === 1 ? 'comparison' : 'comparisons'} open`;
}
