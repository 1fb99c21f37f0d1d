/**
 * A badge, as READMEs show it: https://github.com/badges/shields/blob/master/spec/SPECIFICATION.md, drawn by badge-maker.
 *
 * Of the comparisons asked for it shows the worst. Its colour is that of the verdict on head against base; where verdicts
 * advise, it says so. What a variant costs is no verdict (services/contract/judged.ts): that badge is grey.
 */
import { makeBadge } from 'badge-maker';
import type {
  ComparisonRow,
  Direction,
  JobComparison,
  RatioInterval,
  Verdict,
} from '../contract/comparison.js';
import type { JobState } from '../contract/job.js';
import { intervalWords } from '../contract/interval-words.js';
import { shownVariant } from '../contract/side.js';
import { answerWords } from '../contract/verdict-words.js';

export interface Badge {
  readonly label: string;
  readonly message: string;
  readonly color: string;
}

/** Which comparisons; what is left out leaves it open. */
export interface BadgeChoice {
  readonly variant?: string;
  readonly workload?: string;
}

/** White text on each has 4.5:1 and more. */
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

/** Badge of a job that has not succeeded. */
export function stateBadge(state: JobState): Badge {
  return { label: 'qibench', message: state, color: STATE_COLOURS[state] ?? GREY };
}

/** Badge of something that cannot be compared. */
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
  if (worst === undefined) return emptyBadge('no such comparison');
  const where = [
    worst.over,
    ...(new Set(comparison.rows.map((row) => row.workload)).size > 1 ? [worst.workload] : []),
    ...(comparison.metric === 'wallNs' ? [] : [comparison.metric]),
  ];
  return {
    label: where.join(', '),
    message: `${worst.said}${findsFrom(worst)}${advisory && worst.verdict !== null ? ', advisory' : ''}`,
    color: worst.verdict === null ? GREY : COLOURS[worst.verdict],
  };
}

interface Case {
  readonly variant: string;
  readonly workload: string;
  readonly ratio: RatioInterval;
  readonly detectableRatio: number | null;
  /** Of head against base alone, and only once that is complete. */
  readonly verdict: Verdict | null;
  /** What is compared with what. */
  readonly over: string;
  /** The answer; of what a variant costs the interval alone. */
  readonly said: string;
}

/** What a fixed number of blocks could have found: a ratio near 1 says little without it. */
function findsFrom({ detectableRatio }: Case): string {
  return detectableRatio === null
    ? ''
    : `, finds from ${(100 * (detectableRatio - 1)).toFixed(1)} %`;
}

/** With a base head against it, else every variant against the baseline. */
function casesOf({ rows, sides, same, baseline }: JobComparison): Case[] {
  if (sides.length > 0) {
    return sides.map((row) => ({
      ...row,
      over: `${row.variant}: head vs ${same ? 'itself' : 'base'}`,
      said: answerWords(row, 'change')!,
    }));
  }
  return rows
    .filter((row): row is ComparisonRow & { ratio: RatioInterval } => row.ratio !== null)
    .map((row) => ({
      ...row,
      verdict: null,
      variant: shownVariant({ name: row.variant, side: row.side }),
      over: `${row.variant} vs ${baseline}`,
      said: intervalWords(row.ratio),
    }));
}

const RANK: Record<Verdict, number> = {
  regression: 3,
  inconclusive: 2,
  'no-change': 1,
  improvement: 0,
  'same-binary': 0,
};

/** By verdict, then by how far the ratio is on the bad side. */
function badness({ verdict, ratio }: Case, direction: Direction): number {
  const size = Math.atan(Math.log(ratio.ratio)) / Math.PI;
  return (
    (verdict === null ? 0 : RANK[verdict]) + (direction === 'smaller-is-better' ? size : -size) / 2
  );
}

const TEXT_LIMIT = 80;

/** The badge as SVG. Whatever the text, it is well-formed and has no markup of the text. */
export function badgeSvg({ label, message, color }: Badge): string {
  return makeBadge({
    label: drawable(label),
    message: drawable(message),
    labelColor: '#333',
    color,
  });
}

/** Text without what XML cannot hold or what turns its order around, cut where it is too long to read. */
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
