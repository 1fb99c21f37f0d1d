// SPDX-License-Identifier: GPL-2.0-or-later
import type { Sample, SampleSize } from '#contract/sample.js';
import { answerWords, figureWords } from '#contract/verdict-words.js';
import { eventCostOf } from '#domain/event-costs.js';
import { toFigure } from '#domain/figure.js';
import { untilDecided } from '#domain/judging.js';
import { RunIndex } from '#domain/pairs.js';
import { benjaminiHochberg } from '#statistics/benjamini-hochberg.js';
import { clopperPearson } from '#statistics/clopper-pearson.js';
import { confirm } from '#statistics/confirmation.js';
import { falseAlarmRate } from '#statistics/false-alarm-rate.js';
import { logRatios } from '#statistics/log-ratios.js';
import { fewestBlocks, minimumDetectableEffect } from '#statistics/minimum-detectable-effect.js';
import { pairsForEffect, pairsForNoChange } from '#statistics/planned-pairs.js';
import { minimumDetectableRatio, estimateRatio } from '#statistics/ratio-estimate.js';
import { decide, fewestPairs, nextLook } from '#statistics/sequential-decision.js';
import { logEvidence } from '#statistics/sign-evidence.js';
import { signRank } from '#statistics/sign-sequence.js';
import { signedRankInterval } from '#statistics/signed-rank-interval.js';
import { signedRankPValue } from '#statistics/signed-rank-test.js';
import { verdictOf } from '#statistics/verdict.js';
import { plannedWorkload, planUntilDecided, variantOf } from '#support/job-plan.js';
import { measuredBlocks } from '#support/simulated-job.js';
import { pageOf } from './documentation.js';
import { SIZES } from './noise.js';

const THRESHOLD = 0.02;

/** Parses a number of the pages, with a real minus or a unit. */
const numberOf = (text: string): number => Number.parseFloat(text.replace('−', '-'));

/** Compares at the precision shown on the page. */
const expectShown = (shown: string, value: number): void => {
  const digits = shown.split('.')[1]?.length ?? 0;
  expect(value.toFixed(digits)).toBe(shown);
};

const expectRows = (rows: readonly string[][], atLeast: number): string[][] => {
  expect(rows.length).toBeGreaterThanOrEqual(atLeast);
  return [...rows];
};

describe('docs/statistics.md shows the computed values', () => {
  const { table } = pageOf('docs/statistics.md');

  test('for verdicts on pairs', () => {
    for (const [pairs, above, within, below, verdict] of expectRows(
      table('pairs', 'above +2 %', 'within'),
      7,
    )) {
      const places = { above: Number(above), within: Number(within), below: Number(below) };
      const values = [
        ...new Array<number>(places.above).fill(0.1),
        ...new Array<number>(places.within).fill(0),
        ...new Array<number>(places.below).fill(-0.1),
      ];
      expect(values).toHaveLength(Number(pairs));
      expect(decide(values, THRESHOLD, 1) ?? 'open').toBe(verdict);
    }
  });

  test('for answers in words', () => {
    for (const [interval, verdict, shown] of expectRows(table('interval', 'verdict', 'shown'), 4)) {
      const [low, high] = JSON.parse(interval!) as [number, number];
      const ratio = {
        ratio: Math.sqrt(low * high),
        low,
        high,
        confidence: 0.95,
        method: 'sign-sequence' as const,
        blocks: 100,
      };
      const row = {
        verdict: verdict as 'regression',
        oneBuild: false,
        threshold: THRESHOLD,
        ratio,
      };
      expect(answerWords(row, 'change')).toBe(shown);
    }
  });

  test('for the first check that can show a difference', () => {
    const { lines } = pageOf('docs/statistics.md');
    const [, single, twenty] =
      /after (\d+) pairs at the earliest, among twenty comparisons after (\d+)/.exec(
        lines.join('\n'),
      )!;
    expect(nextLook(fewestPairs(1))).toBe(Number(single));
    expect(nextLook(fewestPairs(20))).toBe(Number(twenty));
  });

  test('for figures rounded to the precision of their intervals', () => {
    const scale = { wallNs: 105e6, events: 1 };
    for (const [figure, events, shown] of expectRows(table('figure', 'events in a run'), 3)) {
      const [value, low, high] = figure!
        .replace(/[[\],]|ns/g, '')
        .trim()
        .split(/ +/)
        .map(numberOf) as [number, number, number];
      const judged = toFigure({ value, low, high, confidence: 0.95 }, scale, Number(events));
      expect(figureWords(judged) ?? 'nothing').toBe(shown);
    }
  });

  test('for false-alarm intervals', () => {
    for (const [alarms, comparisons, low, high, advisory] of expectRows(
      table('alarms', 'comparisons'),
      4,
    )) {
      const interval = clopperPearson(Number(alarms), Number(comparisons));
      expectShown(low!, interval.low);
      expectShown(high!, interval.high);
      expect(falseAlarmRate(Number(alarms), Number(comparisons)).advisory).toBe(advisory === 'yes');
    }
  });

  test('for durations', () => {
    const secondsAPair = 2 * (0.075 + 0.025);
    for (const [noise, none, five, ten, seconds] of expectRows(
      table('noise sd', 'no change', '5 % slower', '10 % slower', 'seconds to no change'),
      5,
    )) {
      const sd = numberOf(noise!) / 100;
      expect(pairsForNoChange(sd, THRESHOLD)).toBe(Number(none));
      expect(pairsForEffect(sd, THRESHOLD, 0.05)).toBe(Number(five));
      expect(pairsForEffect(sd, THRESHOLD, 0.1)).toBe(Number(ten));
      expectShown(seconds!, Number(none) * secondsAPair);
    }
  });

  test('on one page', () => {
    expect(pageOf('docs/statistics.md').lines.length).toBeLessThanOrEqual(150);
  });
});

describe('docs/statistics-mathematics.md shows the computed values', () => {
  const { table, head, lines } = pageOf('docs/statistics-mathematics.md');

  /** The times of a variant in the n-th worked line. */
  const times = (variant: string, place: number): number[] =>
    lines
      .filter((line) => line.startsWith(`${variant} `))
      [place]!.split(/ +/)
      .slice(1)
      .map(Number);

  test('for ranks of the confidence sequence', () => {
    const counts = head('n', '16', '20').slice(1).map(Number);
    const [ranks] = table('n', '16', '20');
    expect(ranks!.slice(1).map(Number)).toEqual(counts.map(signRank));
  });

  test('for the evidence of signs', () => {
    for (const [pairs, signs, evidence, reaches] of expectRows(
      table('pairs', 'signs on the side'),
      7,
    )) {
      const value = Math.exp(logEvidence(Number(signs), Number(pairs)));
      expectShown(evidence!, value);
      expect(value >= 40).toBe(reaches === 'yes');
    }
  });

  test('for the fewest pairs of a difference', () => {
    for (const [comparisons, pairs] of expectRows(table('comparisons', 'fewest pairs'), 7))
      expect(fewestPairs(Number(comparisons))).toBe(Number(pairs));
  });

  test('for start and cost per event of real runs', () => {
    const SIZE_PLACES: Record<SampleSize, number> = { empty: 0, middle: 3, full: 4 };
    const plan = planUntilDecided({
      variants: [variantOf('none'), variantOf('dynamic')],
      workloads: [
        plannedWorkload('w', {
          size: { parameter: 'n', empty: 1, full: 2_000_000, minimum: 1, maximum: 2_000_000 },
        }),
      ],
    });
    const runsOf = (variant: string) => (variant === 'none' ? SIZES.none : SIZES.dynamic);
    const samples = (places: Record<SampleSize, number>): Sample[] =>
      measuredBlocks(
        plan,
        SIZES.none[0]!.length,
        ({ variant, size }, block) => runsOf(variant)[places[size]]![block - 1]! / 1_000,
      ).map((sample) => ({
        ...sample,
        events: { write: String(SIZES.events[places[sample.size]]) },
      }));
    const costOf = (runs: readonly Sample[]) =>
      eventCostOf(
        { plan, index: new RunIndex(runs), judge: untilDecided },
        { side: 'head', variant: 'dynamic', workload: 'w' },
        { side: 'head', variant: 'none', workload: 'w' },
      )!;
    const bySizes = costOf(samples(SIZE_PLACES));
    const averageOf = (place: number) =>
      costOf(samples({ ...SIZE_PLACES, full: place }).filter(({ size }) => size === 'full'))
        .averageNs!;
    const start = bySizes.startNs!;
    const figures: Record<string, { value: number; low: number; high: number }> = {
      'ns/event': bySizes.perEventNs!,
      'start, ms': { value: start.value / 1e6, low: start.low / 1e6, high: start.high / 1e6 },
      'average with 200,001 events, start included, ns/event': averageOf(1),
      'average with 2,000,001 events, start included, ns/event': averageOf(4),
    };
    for (const [name, value, low, high] of expectRows(table('figure', 'value', 'low'), 4)) {
      expectShown(value!, figures[name!]!.value);
      expectShown(low!, figures[name!]!.low);
      expectShown(high!, figures[name!]!.high);
    }
    expect(bySizes.bendNs!.low).toBeLessThan(0);
    expect(bySizes.bendNs!.high).toBeGreaterThan(0);
  });

  test('for the number of blocks', () => {
    for (const [noise, none, five, ten, half] of expectRows(
      table('noise sd', 'no change', '5 % slower', '10 % slower', 'no change at 1 %'),
      5,
    )) {
      const sd = numberOf(noise!) / 100;
      expect(pairsForNoChange(sd, THRESHOLD)).toBe(Number(none));
      expect(pairsForEffect(sd, THRESHOLD, 0.05)).toBe(Number(five));
      expect(pairsForEffect(sd, THRESHOLD, 0.1)).toBe(Number(ten));
      expect(pairsForNoChange(sd, THRESHOLD / 2)).toBe(Number(half));
    }
  });

  test.each([
    ['six blocks', 0, 7],
    ['twelve blocks', 1, 8],
  ])('for the worked example: %s', (name, place, figures) => {
    const values = logRatios(times('dynamic', place), times('none', place));
    const estimate = estimateRatio(values);
    const { interval, pValue, logSd } = estimate;
    const computed: Record<string, number> = {
      ratio: interval.ratio,
      low: interval.low,
      high: interval.high,
      confidence: interval.confidence,
      p: pValue,
      'signed-rank p': signedRankPValue(values),
      'sd of the log ratios': logSd!,
      'detectable ratio': minimumDetectableRatio(estimate, 1)!,
    };
    const rows = table(name, 'value');
    expect(rows).toHaveLength(figures);
    for (const [figure, shown] of rows) expectShown(shown!, computed[figure!]!);
  });

  test('for the smallest p values', () => {
    for (const [blocks, p, level] of table('blocks', 'smallest p')) {
      const values = Array.from({ length: Number(blocks) }, (_, index) => 1 + index);
      expect(signedRankPValue(values)).toBe(Number(p));
      expect(`${100 * signedRankInterval(values, 1 - Number(p)).confidence} %`).toBe(level);
    }
  });

  test('for minimum detectable effects', () => {
    const counts = [6, 10, 12, 20, 30];
    const rows = table('sd of the log ratio', ...counts.map((count) => `${count} blocks`));
    expect(rows).toHaveLength(5);
    for (const [sd, ...effects] of rows) {
      counts.forEach((count, place) =>
        expectShown(
          effects[place]!,
          100 * minimumDetectableEffect(Number.parseFloat(sd!) / 100, count),
        ),
      );
    }
  });

  test('for the fewest blocks of a single difference', () => {
    const rows = table('comparisons', 'fewest blocks');
    expect(rows).toHaveLength(6);
    for (const [comparisons, blocks] of rows)
      expect(fewestBlocks(Number(comparisons))).toBe(Number(blocks));
  });

  test('for adjusted p values, and for the effect of leaving them out', () => {
    for (const [count, chance] of table('comparisons', 'at least one false alarm, unadjusted'))
      expect(`${Math.round(100 * (1 - 0.95 ** Number(count)))} %`).toBe(chance);
    const adjusted = table('p', '0.01')[0]!.slice(1);
    benjaminiHochberg([0.01, 0.04, 0.03, 0.005, 0.9]).forEach((value, index) =>
      expectShown(adjusted[index]!, value),
    );
  });

  test('for verdicts', () => {
    const rows = table('interval', 'adjusted p');
    expect(rows.length).toBeGreaterThan(5);
    for (const [interval, p, verdict] of rows) {
      const [low, high] = JSON.parse(interval!) as [number, number];
      expect(verdictOf({ low, high, confidence: 0.95 }, Number(p))).toBe(verdict);
    }
  });

  test('for confirmation', () => {
    const rows = table('first batch', 'second batch');
    expect(rows).toHaveLength(8);
    for (const [first, second, verdict, suspected] of rows) {
      expect(
        confirm(first as 'regression', second === 'none yet' ? null : (second as 'regression')),
      ).toEqual({ verdict, suspected: suspected === 'yes' });
    }
  });
});
