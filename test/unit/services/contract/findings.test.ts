// SPDX-License-Identifier: GPL-2.0-or-later
import type { ChangeRow, Comparison, SideRow, Verdict } from '#contract/comparison.js';
import {
  findingsOf,
  findingMetrics,
  findingsOfComparison,
  stops,
  verdictOfFinding,
} from '#contract/findings.js';
import { changeRow, comparisonOf, costRow, intervalOf, sideRow } from '#support/comparison.js';

const row = (verdict: Verdict | null, ratio = 1): ChangeRow =>
  changeRow({ verdict, ratio: intervalOf(ratio) });
const side = (verdict: Verdict | null, ratio = 1): SideRow =>
  sideRow({ verdict, ratio: intervalOf(ratio) });
const comparison = (details: Partial<Comparison>) =>
  comparisonOf({ rows: [costRow({ verdict: 'regression' })], ...details });

test('the cost of a variant is never judged, at any size', () => {
  expect(findingsOf([comparison({}), comparison({ metric: 'userNs' })])).toEqual({
    verdict: 'not-compared',
    findings: [],
    missingMetrics: [],
  });
  for (const failOn of ['regression', 'inconclusive', 'never'] as const)
    expect(stops('not-compared', { failOn, advisory: false })).toBe(false);
});

test(
  'head against base is judged by variants and by overheads, and the change respects the ' +
    "metric's direction",
  () => {
    const { findings, verdict } = findingsOf([
      comparison({ sides: [side('no-change', 1.01)], changes: [row('regression', 1.25)] }),
    ]);

    expect(findings.map(({ about, worseBy }) => [about, Number(worseBy.toFixed(2))])).toEqual([
      ['variant', 0.01],
      ['overhead', 0.25],
    ]);
    expect(verdict).toBe('regression');
    expect(
      findingsOfComparison(
        comparison({ direction: 'larger-is-better', sides: [side('regression', 0.8)] }),
      )[0]!.worseBy,
    ).toBeCloseTo(0.25);
  },
);

test('an incomplete comparison is inconclusive', () => {
  expect(verdictOfFinding({ row: row(null) })).toBe('inconclusive');
  expect(findingsOf([comparison({ changes: [row('improvement'), row(null)] })]).verdict).toBe(
    'inconclusive',
  );
});

test('equal binaries are good news, and rank below any other verdict', () => {
  expect(findingsOf([comparison({ sides: [side('same-binary')] })]).verdict).toBe('same-binary');
  expect(
    findingsOf([comparison({ sides: [side('same-binary'), side('no-change')] })]).verdict,
  ).toBe('no-change');
  for (const failOn of ['regression', 'inconclusive'] as const)
    expect(stops('same-binary', { failOn, advisory: false })).toBe(false);
});

test('a metric with a threshold but without values is inconclusive if there is a base', () => {
  const none = comparison({ metric: 'systemNs' });

  expect(findingsOf([comparison({ sides: [side('no-change')] }), none])).toMatchObject({
    verdict: 'inconclusive',
    missingMetrics: ['systemNs'],
  });
  expect(findingsOf([comparison({ sides: [side('regression')] }), none])).toMatchObject({
    verdict: 'regression',
    missingMetrics: ['systemNs'],
  });
});

test('a base with too few blocks to compare is inconclusive, not good news', () => {
  const early = comparison({ rows: [costRow({ verdict: null }), costRow({ side: 'base' })] });

  expect(findingsOf([early])).toEqual({
    verdict: 'inconclusive',
    findings: [],
    missingMetrics: ['wallNs'],
  });
});

test('wall time is always judged, and each metric with a threshold once', () => {
  expect(findingMetrics([])).toEqual(['wallNs']);
  expect(
    findingMetrics([
      { metric: 'userNs' },
      {},
      { metric: 'wallNs' },
      { metric: 'userNs' },
      { metric: 'rate' },
    ]),
  ).toEqual(['wallNs', 'userNs', 'rate']);
});

test('advisory verdicts never fail the caller, and inconclusive ones only with fail-on inconclusive', () => {
  const stopping = (failOn: 'regression' | 'inconclusive' | 'never', advisory: boolean) =>
    (['regression', 'inconclusive', 'improvement', 'no-change', 'not-compared'] as const).filter(
      (verdict) => stops(verdict, { failOn, advisory }),
    );

  expect(stopping('regression', false)).toEqual(['regression']);
  expect(stopping('inconclusive', false)).toEqual(['regression', 'inconclusive']);
  expect([
    stopping('never', false),
    stopping('regression', true),
    stopping('inconclusive', true),
  ]).toEqual([[], [], []]);
});
