// SPDX-License-Identifier: GPL-2.0-or-later
import type { Comparison, Verdict } from '#contract/comparison.js';
import {
  detectable,
  verdictSummary,
  tally,
  title,
} from '#dashboard/pages/comparison/verdict-summary.js';
import { comparisonOf, costRow, intervalOf, sideRow } from '#support/comparison.js';
import { exampleReport } from '#support/example-report.js';

const known = { advisory: false, advisoryReasons: [], reproduce: '', link: '' };
const comparisonFrom = (
  report: ReturnType<typeof exampleReport>,
  verdict?: Verdict,
): Comparison => ({
  ...report.comparison,
  ...known,
  rows: report.comparison.rows.map((row) =>
    row.ratio === null || verdict === undefined ? row : { ...row, verdict },
  ),
});
const single = exampleReport(['a']);
const sided = exampleReport(['a'], 1, 1.1, 1.3);

test('the title of a job without a base names the largest overhead', () => {
  expect(title(comparisonFrom(single, 'regression'))).toMatch(
    /^dynamic takes 1\.\d+ times as long as none$/,
  );
  expect(
    title({ ...comparisonFrom(single, 'regression'), metric: 'maxRssBytes', unit: 'bytes' }),
  ).toMatch(/^dynamic has 1\.\d+ times the maxRssBytes of none$/);
  expect(title(comparisonFrom(single, 'no-change'))).toBe('No difference from none');
  expect(title(comparisonFrom(single, 'inconclusive'))).toMatch(
    /^dynamic over none: between \+\d+\.\d % and \+\d+\.\d %$/,
  );
});

test('the title of a job with a base counts verdicts, and suspected ones separately', () => {
  const [row] = sided.comparison.sides;
  expect(
    tally([
      { ...row!, verdict: 'regression', suspected: false },
      { ...row!, verdict: 'inconclusive', suspected: true },
      { ...row!, verdict: 'no-change', suspected: false },
    ]),
  ).toBe('1 regression, 1 suspected, 1 no change');
  expect(title(comparisonFrom(sided))).toMatch(/^Head against base: 2 regressions/);
});

test('the title of an A/A job counts false alarms', () => {
  expect(title({ ...comparisonFrom(sided), same: true })).toBe(
    'Head against itself: 2 false alarms in 2 comparisons',
  );
});

test('the title states that blocks or ratios are missing', () => {
  expect(title({ ...comparisonFrom(single), rows: [] })).toBe('No complete block yet');
  expect(
    title({
      ...comparisonFrom(single),
      rows: single.comparison.rows.map((row) => ({ ...row, ratio: null })),
    }),
  ).toContain('No ratio to none');
});

test('a statement names variants with their changes, and workloads if there are several', () => {
  expect(verdictSummary(comparisonFrom(single, 'regression'))).toEqual([
    {
      verdict: 'regression',
      what: 'Slower than none',
      cases: [expect.stringMatching(/^dynamic \+\d+\.\d+ %$/)],
    },
  ]);
  expect(verdictSummary(comparisonFrom(exampleReport(['a', 'b']), 'regression'))[0]!.cases).toEqual(
    [expect.stringMatching(/^dynamic \+.* % to \+.* % \(2 workloads\)$/)],
  );
});

test(
  'the minimum detectable effect is a range if comparisons differ, and concerns base if there ' +
    'is one',
  () => {
    expect(detectable(comparisonFrom(single))).toMatch(/^\d+\.\d %$/);
    const [row] = sided.comparison.sides;
    expect(
      detectable({
        ...comparisonFrom(sided),
        sides: [
          { ...row!, minimumDetectableRatio: 1.02 },
          { ...row!, minimumDetectableRatio: 1.1 },
        ],
        changes: [],
      }),
    ).toBe('2.0 % to 10.0 %');
    expect(detectable({ ...comparisonFrom(single), rows: [] })).toBeNull();
  },
);

test('an undecided comparison with base has the interval of its ratios as title', () => {
  const unsure = (rows: Comparison['sides']) =>
    rows.map((row) => ({ ...row, verdict: 'inconclusive' as const, suspected: false }));
  expect(
    title({ ...comparisonFrom(sided), sides: unsure(sided.comparison.sides), changes: [] }),
  ).toMatch(/^Head against base: between \+\d+\.\d % and \+\d+\.\d %$/);
});

test('a comparison that is still measured is open and shows its interval so far', () => {
  const open = comparisonOf({
    rows: [costRow()],
    sides: [
      sideRow({ verdict: null, ratio: intervalOf(1.005) }),
      sideRow({ variant: 'none', verdict: 'same-binary' }),
    ],
  });
  expect(title(open)).toBe('Head against base: 1 same binary, 1 open');
  expect(verdictSummary(open)).toEqual([
    { verdict: null, what: 'Open', cases: ['dynamic between −0.5 % and +1.5 %'] },
    { verdict: 'same-binary', what: 'Same binary', cases: ['none 0.00 %'] },
  ]);
});
