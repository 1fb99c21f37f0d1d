// SPDX-License-Identifier: GPL-2.0-or-later
import type {
  ChangeRow,
  ComparisonRow,
  EventCost,
  Figure,
  RatioInterval,
  Verdict,
} from './comparison.js';
import { fewWords, intervalWords, isSupported, ratioWords } from './interval-words.js';

/**
 * Fields of a comparison that its description needs. Everything that shows comparisons uses this
 * file, so that the wording is the same everywhere.
 */
export type AnsweredRow = Pick<ComparisonRow, 'verdict' | 'oneBuild' | 'threshold'> &
  Partial<Pick<ChangeRow, 'suspected' | 'confirmation'>> & {
    readonly ratio: RatioInterval | null;
  };

/**
 * Subject of a verdict: a change from base to head, or the cost of a variant in time or in another
 * amount.
 */
export type About = 'change' | 'time' | 'amount';

const WORSE: Record<About, string> = { change: 'regression', time: 'slower', amount: 'worse' };
const BETTER: Record<About, string> = { change: 'improvement', time: 'faster', amount: 'better' };

/**
 * Describes a comparison: `slower: between +15.3 % and +25.5 %`, `no change (±2 %): between −0.4 %
 * and +1.1 %`, `same binary`. If the time is up without a decision, the interval is the answer.
 * Null without a ratio.
 */
export function answerWords(row: AnsweredRow, about: About): string | null {
  if (row.ratio === null) return null;
  if (row.verdict === 'same-binary') return 'same binary';
  const words = verdictWords(row, about);
  return words === null ? ratioWords(row.ratio) : `${words}: ${ratioWords(row.ratio)}`;
}

/**
 * Describes the verdict alone: `slower`, `no change (±2 %)`, `open`; null if only the interval is
 * meaningful.
 */
export function verdictWords(row: AnsweredRow, about: About): string | null {
  const { verdict, oneBuild, suspected = false, confirmation = null } = row;
  const aside = oneBuild ? ' of these two binaries' : '';
  if (suspected)
    return (
      'suspected ' +
      `regression${aside}${confirmation !== null ? ', not confirmed' : oneBuild ? '' : ', no second batch'}`
    );
  if (verdict === null) return 'open';
  if (verdict === 'inconclusive') return oneBuild ? 'of these two binaries' : null;
  const confirmed = verdict === 'regression' && confirmation !== null ? ', confirmed' : '';
  return `${decided(verdict, row.threshold, about)}${verdict === 'same-binary' ? '' : aside}${confirmed}`;
}

function decided(
  verdict: Exclude<Verdict, 'inconclusive'>,
  threshold: number,
  about: About,
): string {
  switch (verdict) {
    case 'regression':
      return WORSE[about];
    case 'improvement':
      return BETTER[about];
    case 'no-change':
      return `no change (±${Number((100 * threshold).toPrecision(3))} %)`;
    case 'same-binary':
      return 'same binary';
  }
}

/**
 * Describes several undecided comparisons by the interval that contains all of theirs; without it,
 * while one of them has too few blocks.
 */
export function spanWords(ratios: readonly RatioInterval[]): string {
  const few = ratios.filter((ratio) => !isSupported(ratio)).map(({ blocks }) => blocks);
  if (few.length > 0) return fewWords(Math.min(...few));
  return intervalWords({
    low: Math.min(...ratios.map(({ low }) => low)),
    high: Math.max(...ratios.map(({ high }) => high)),
  });
}

type Moving = Pick<ComparisonRow, 'moved' | 'ratio' | 'processor'>;

/** Explains a difference in only one of wall time and processor time; null if they agree. */
export function movedWords({ moved, ratio, processor }: Moving): string | null {
  if (ratio === null || processor === null) return null;
  if (!isSupported(ratio) || !isSupported(processor)) return null;
  // A wide interval of processor time that contains 1 does not show equality.
  const apart = processor.high < ratio.low || processor.low > ratio.high;
  if (moved === 'wall' && apart) return `waits ${moreOrLess(ratio)}, computes the same`;
  if (moved === 'processor') return `computes ${moreOrLess(processor)}`;
  return null;
}

/** Returns `movedWords` with the interval of processor time. */
export function movedNote(row: Moving): string | null {
  const words = movedWords(row);
  return words === null ? null : `${words}: processor time ${ratioWords(row.processor!)}`;
}

function moreOrLess({ ratio }: RatioInterval): string {
  return ratio > 1 ? 'more' : 'less';
}

/**
 * Formats a figure as precisely as its interval supports: `9.8 [8.4, 11.2]`, `below 3.1`, or null.
 *
 * @param unit Divisor: 1e6 for milliseconds.
 */
export function figureWords(figure: Figure | null, unit = 1): string | null {
  if (figure === null || figure.shown === 'nothing') return null;
  const [value, low, high] = [figure.value / unit, figure.low / unit, figure.high / unit];
  const most = Math.max(Math.abs(low), Math.abs(high));
  const digits = most < 1 ? 2 : most < 1_000 ? 1 : 0;
  const text = (number: number) => number.toFixed(digits).replace('-', '−');
  return figure.shown === 'bound'
    ? `below ${text(high)}`
    : `${text(value)} [${text(low)}, ${text(high)}]`;
}

const NS_PER_MS = 1e6;

/** Formats the cost per run in ms; null if it is unknown. */
export function startWords(cost: EventCost | null): string | null {
  return cost === null ? null : figureWords(cost.startNs, NS_PER_MS);
}

/** Formats the cost per event in ns; null if it is unknown. */
export function perEventWords(cost: EventCost | null): string | null {
  if (cost === null) return null;
  const average = figureWords(cost.averageNs);
  return average === null ? figureWords(cost.perEventNs) : `${average} (average, start included)`;
}

/** Returns a warning if the cost per event is not constant, otherwise null. */
export function bendWords(cost: EventCost | null): string | null {
  const bend = cost?.bendNs ?? null;
  if (bend === null || !isSupported(bend)) return null;
  return bend.low > 0 || bend.high < 0 ? 'cost is not linear in events' : null;
}
