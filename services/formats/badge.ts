// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * A badge for READMEs, drawn by badge-maker.
 *
 * The badge shows the worst of the requested comparisons. Its colour is the colour of the verdict
 * on head against base; it marks advisory verdicts. The cost of a variant has no verdict
 * (services/contract/findings.ts), so that badge is grey.
 *
 * @see https://github.com/badges/shields/blob/master/spec/SPECIFICATION.md
 */
import { makeBadge } from 'badge-maker';
import type {
  ComparisonRow,
  Direction,
  JobComparison,
  RatioInterval,
  Verdict,
} from '#contract/comparison.js';
import type { JobState } from '#contract/job.js';
import { ratioWords } from '#contract/interval-words.js';
import { shownVariant } from '#contract/side.js';
import { answerWords } from '#contract/verdict-words.js';

export interface Badge {
  readonly label: string;
  readonly message: string;
  readonly color: string;
}

/** Selects comparisons; an omitted field selects all. */
export interface BadgeChoice {
  readonly variant?: string;
  readonly workload?: string;
}

/** White text has a contrast of at least 4.5:1 on each. */
const COLOURS: Record<Verdict, string> = {
  regression: '#b3261e',
  improvement: '#1a6e33',
  'no-change': '#4c5663',
  inconclusive: '#805300',
  'same-binary': '#4c5663',
};
const GREY = '#5b6470';
const STATE_COLOURS: Partial<Record<JobState, string>> = {
  building: '#0b5cad',
  measuring: '#0b5cad',
  failed: COLOURS.regression,
};

/** Returns the badge of a job that has not succeeded. */
export function stateBadge(state: JobState): Badge {
  return { label: 'qibench', message: state, color: STATE_COLOURS[state] ?? GREY };
}

/** Returns a grey badge for a job or selection without a comparison. */
export function emptyBadge(message: string): Badge {
  return { label: 'qibench', message, color: GREY };
}

export function comparisonBadge(
  comparison: JobComparison,
  choice: BadgeChoice,
  advisory: boolean,
): Badge {
  const cases = casesOf(comparison).filter(
    ({ variant, workload }) =>
      (choice.variant ?? variant) === variant && (choice.workload ?? workload) === workload,
  );
  const [worst] = cases.sort(
    (a, b) => badness(b, comparison.direction) - badness(a, comparison.direction),
  );
  if (worst === undefined) return emptyBadge('no matching comparison');
  const where = [
    worst.over,
    ...(new Set(comparison.rows.map((row) => row.workload)).size > 1 ? [worst.workload] : []),
    ...(comparison.metric === 'wallNs' ? [] : [comparison.metric]),
  ];
  return {
    label: where.join(', '),
    message: `${worst.words}${mdeWords(worst)}${advisory && worst.verdict !== null ? ', advisory' : ''}`,
    color: worst.verdict === null ? GREY : COLOURS[worst.verdict],
  };
}

interface Case {
  readonly variant: string;
  readonly workload: string;
  readonly ratio: RatioInterval;
  readonly minimumDetectableRatio: number | null;
  /** Verdict on head against base once that is complete; null for the cost of a variant. */
  readonly verdict: Verdict | null;
  /** Label of the two things compared. */
  readonly over: string;
  /** The answer; for the cost of a variant only the interval. */
  readonly words: string;
}

/** Words for the minimum detectable effect (MDE) of a fixed number of blocks; empty without one. */
function mdeWords({ minimumDetectableRatio }: Case): string {
  return minimumDetectableRatio === null
    ? ''
    : `, MDE ${(100 * (minimumDetectableRatio - 1)).toFixed(1)} %`;
}

/** Returns head against base for a job with a base, else every variant against the baseline. */
function casesOf({ rows, sides, same, baseline }: JobComparison): Case[] {
  if (sides.length > 0) {
    return sides.map((row) => ({
      ...row,
      over: `${row.variant}: head vs ${same ? 'itself' : 'base'}`,
      words: answerWords(row, 'change')!,
    }));
  }
  return rows
    .filter((row): row is ComparisonRow & { ratio: RatioInterval } => row.ratio !== null)
    .map((row) => ({
      ...row,
      verdict: null,
      variant: shownVariant({ name: row.variant, side: row.side }),
      over: `${row.variant} vs ${baseline}`,
      words: ratioWords(row.ratio),
    }));
}

const RANK: Record<Verdict, number> = {
  regression: 3,
  inconclusive: 2,
  'no-change': 1,
  improvement: 0,
  'same-binary': 0,
};

/** Ranks a case by its verdict, then by its ratio in the worse direction. */
function badness({ verdict, ratio }: Case, direction: Direction): number {
  const size = Math.atan(Math.log(ratio.ratio)) / Math.PI;
  return (
    (verdict === null ? 0 : RANK[verdict]) + (direction === 'smaller-is-better' ? size : -size) / 2
  );
}

const TEXT_LIMIT = 80;

/** Draws the badge as well-formed SVG; markup in the text is escaped. */
export function badgeSvg({ label, message, color }: Badge): string {
  return makeBadge({
    label: drawable(label),
    message: drawable(message),
    labelColor: '#333',
    color,
  });
}

/**
 * Replaces characters that XML forbids or that reverse the text's direction; truncates the text.
 */
function drawable(text: string): string {
  const shown = text.replace(
    /[^\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|\p{Bidi_Control}|[\u007f-\u009f]/gu,
    '\ufffd',
  );
  const characters = [...shown];
  return characters.length > TEXT_LIMIT
    ? `${characters.slice(0, TEXT_LIMIT - 1).join('')}…`
    : shown;
}
