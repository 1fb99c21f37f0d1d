import type {
  ChangeRow,
  JobComparison,
  SideRow,
  Verdict,
} from '../../../services/contract/comparison.js';
import {
  findingsOf,
  judgedMetrics,
  judgedOf,
  stops,
  verdictOfJudged,
} from '../../../services/contract/judged.js';

const row = (verdict: Verdict | null, ratio = 1): ChangeRow => ({
  variant: 'dynamic',
  workload: 'w',
  blocks: 12,
  ratio: { ratio, low: ratio, high: ratio, confidence: 0.95, method: 'bca-bootstrap', blocks: 12 },
  pValue: 0.01,
  adjustedP: 0.01,
  detectableRatio: 1.01,
  threshold: 0.02,
  verdict,
  suspected: false,
  confirmation: null,
});
const side = (verdict: Verdict | null, ratio = 1): SideRow => ({
  ...row(verdict, ratio),
  headMedian: 1,
  baseMedian: 1,
});
const cost = {
  variant: 'dynamic',
  side: 'head',
  workload: 'w',
  verdict: 'regression',
} as JobComparison['rows'][number];
const comparison = (given: Partial<JobComparison>): JobComparison => ({
  jobId: 'j',
  metric: 'wallNs',
  unit: 'ns',
  direction: 'smaller-is-better',
  baseline: 'none',
  rows: [cost],
  sides: [],
  changes: [],
  same: false,
  comparisons: 1,
  fewestBlocks: 6,
  hostFingerprints: [],
  mixedHosts: false,
  ...given,
});

test('what a variant costs is judged by nobody, however much it is', () => {
  expect(findingsOf([comparison({}), comparison({ metric: 'userNs' })])).toEqual({
    verdict: 'not-compared',
    judged: [],
    silent: [],
  });
  for (const failOn of ['regression', 'inconclusive', 'never'] as const)
    expect(stops('not-compared', { failOn, advisory: false })).toBe(false);
});

test('head against base is judged, by variants and by overheads, and how much worse is in the direction that is bad', () => {
  const { judged, verdict } = findingsOf([
    comparison({ sides: [side('no-change', 1.01)], changes: [row('regression', 1.25)] }),
  ]);

  expect(judged.map(({ about, worseBy }) => [about, Number(worseBy.toFixed(2))])).toEqual([
    ['variant', 0.01],
    ['overhead', 0.25],
  ]);
  expect(verdict).toBe('regression');
  expect(
    judgedOf(comparison({ direction: 'larger-is-better', sides: [side('regression', 0.8)] }))[0]!
      .worseBy,
  ).toBeCloseTo(0.25);
});

test('what is not complete is inconclusive', () => {
  expect(verdictOfJudged({ row: row(null) })).toBe('inconclusive');
  expect(findingsOf([comparison({ changes: [row('improvement'), row(null)] })]).verdict).toBe(
    'inconclusive',
  );
});

test('a metric with a threshold that has no values is inconclusive, not good news, where there is a base', () => {
  const none = comparison({ metric: 'systemNs' });

  expect(findingsOf([comparison({ sides: [side('no-change')] }), none])).toMatchObject({
    verdict: 'inconclusive',
    silent: ['systemNs'],
  });
  expect(findingsOf([comparison({ sides: [side('regression')] }), none])).toMatchObject({
    verdict: 'regression',
    silent: ['systemNs'],
  });
});

test('wall time is judged always, and each metric that a threshold names once', () => {
  expect(judgedMetrics([])).toEqual(['wallNs']);
  expect(
    judgedMetrics([
      { metric: 'userNs' },
      {},
      { metric: 'wallNs' },
      { metric: 'userNs' },
      { metric: 'rate' },
    ]),
  ).toEqual(['wallNs', 'userNs', 'rate']);
});

test('advisory verdicts stop nobody, and inconclusive ones only who asked for that', () => {
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
