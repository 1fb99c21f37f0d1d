import type { JobEventBody } from './job-event.js';

const SECONDS_PER_MINUTE = 60;

/** A time as people wait for it: `40 s`, `5 min`, `1 min 20 s`. */
export function waitWords(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [minutes, rest] = [Math.floor(whole / SECONDS_PER_MINUTE), whole % SECONDS_PER_MINUTE];
  if (minutes === 0) return `${rest} s`;
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
}

/**
 * How far measuring is after a block: `block 24, 12 s of at most 5 min, 3 comparisons open, about 20 s left`, or
 * `block 3 of 12, about 9 s left`.
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
  const left = remainingSeconds === null ? [] : [`about ${waitWords(remainingSeconds)} left`];
  if (withinSeconds === null)
    return [
      block > blocks
        ? `block ${block - blocks} of ${blocks} of the batch that confirms`
        : `block ${block} of ${blocks}`,
      ...left,
    ].join(', ');
  return [
    `block ${block}`,
    `${waitWords(spentSeconds)} of at most ${waitWords(withinSeconds)}`,
    ...(undecided === 0
      ? ['all comparisons decided']
      : [`${undecided} ${undecided === 1 ? 'comparison' : 'comparisons'} open`, ...left]),
  ].join(', ');
}
