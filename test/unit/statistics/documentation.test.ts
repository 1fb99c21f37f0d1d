import { readFileSync } from 'node:fs';
import { benjaminiHochberg } from '../../../services/statistics/benjamini-hochberg.js';
import { clopperPearson } from '../../../services/statistics/clopper-pearson.js';
import { confirm } from '../../../services/statistics/confirmation.js';
import { falseAlarmRate } from '../../../services/statistics/false-alarm-rate.js';
import { logRatios } from '../../../services/statistics/log-ratios.js';
import {
  fewestBlocks,
  minimumDetectableEffect,
} from '../../../services/statistics/minimum-detectable-effect.js';
import { detectableRatio, estimateRatio } from '../../../services/statistics/ratio-estimate.js';
import { signedRankInterval } from '../../../services/statistics/signed-rank-interval.js';
import { signedRankPValue } from '../../../services/statistics/signed-rank-test.js';
import { verdictOf } from '../../../services/statistics/verdict.js';

const page = readFileSync('docs/statistics.md', 'utf8');

/** The rows of the table whose head starts with these cells, as text. */
function table(...head: string[]): string[][] {
  const lines = page.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${head.join(' | ')} |`));
  expect(start).toBeGreaterThanOrEqual(0);
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines.slice(start + 2, end).map((line) => line.slice(2, -2).split(' | '));
}

/** The n-th worked line of times of a variant. */
const times = (variant: string, place: number): number[] =>
  [...page.matchAll(new RegExp(`^${variant} +([0-9. ]+)$`, 'gm'))]
    [place]![1]!.split(' ')
    .map(Number);

/** Compares with as many digits as the page shows. */
const expectShown = (shown: string, value: number): void => {
  const digits = shown.split('.')[1]?.length ?? 0;
  expect(`${value.toFixed(digits)}`).toBe(shown);
};

describe('docs/statistics.md shows what the code computes', () => {
  test.each([
    ['six blocks', 0, 7],
    ['twelve blocks', 1, 8],
  ])('worked: %s', (name, place, figures) => {
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
      'detectable ratio': detectableRatio(estimate, 1)!,
    };
    const rows = table(name, 'value');
    expect(rows).toHaveLength(figures);
    for (const [figure, shown] of rows) expectShown(shown!, computed[figure!]!);
  });

  test('smallest p values', () => {
    for (const [blocks, p, level] of table('blocks', 'smallest p')) {
      const values = Array.from({ length: Number(blocks) }, (_, index) => 1 + index);
      expect(signedRankPValue(values)).toBe(Number(p));
      expect(`${100 * signedRankInterval(values, 1 - Number(p)).confidence} %`).toBe(level);
    }
  });

  test('minimum detectable effects', () => {
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

  test('fewest blocks for a lone difference', () => {
    const rows = table('comparisons', 'fewest blocks');
    expect(rows).toHaveLength(6);
    for (const [comparisons, blocks] of rows)
      expect(fewestBlocks(Number(comparisons))).toBe(Number(blocks));
  });

  test('adjusted p values and what happens without', () => {
    for (const [count, chance] of table('comparisons', 'at least one false alarm, unadjusted'))
      expect(`${Math.round(100 * (1 - 0.95 ** Number(count)))} %`).toBe(chance);
    const adjusted = table('p', '0.01')[0]!.slice(1);
    benjaminiHochberg([0.01, 0.04, 0.03, 0.005, 0.9]).forEach((value, index) =>
      expectShown(adjusted[index]!, value),
    );
  });

  test('verdicts', () => {
    const rows = table('interval', 'adjusted p');
    expect(rows.length).toBeGreaterThan(5);
    for (const [interval, p, verdict] of rows) {
      const [low, high] = JSON.parse(interval!) as [number, number];
      expect(verdictOf({ low, high, confidence: 0.95 }, Number(p))).toBe(verdict);
    }
  });

  test('confirmation', () => {
    const rows = table('first batch', 'second batch');
    expect(rows).toHaveLength(8);
    for (const [first, second, verdict, suspected] of rows) {
      expect(
        confirm(first as 'regression', second === 'none yet' ? null : (second as 'regression')),
      ).toEqual({ verdict, suspected: suspected === 'yes' });
    }
  });

  test('false-alarm intervals', () => {
    for (const [alarms, comparisons, low, high, advisory] of table('alarms', 'comparisons')) {
      const interval = clopperPearson(Number(alarms), Number(comparisons));
      expectShown(low!, interval.low);
      expectShown(high!, interval.high);
      expect(falseAlarmRate(Number(alarms), Number(comparisons)).advisory).toBe(advisory === 'yes');
    }
  });
});
