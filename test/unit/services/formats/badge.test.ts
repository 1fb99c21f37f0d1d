// SPDX-License-Identifier: GPL-2.0-or-later
import { badgeSvg, comparisonBadge, emptyBadge, stateBadge } from '#formats/badge.js';
import type { SideRow } from '#contract/comparison.js';
import { comparisonOf, intervalOf, sideRow } from '#support/comparison.js';
import { exampleReport, HOSTILE_NAMES } from '#support/example-report.js';

const { comparison } = exampleReport(['a', 'b']);

test("a badge shows a variant's cost with its interval, and marks it neither good nor bad nor advisory", () => {
  const alone = exampleReport(['a']).comparison;
  expect(alone.rows[1]!.verdict).toBe('regression');
  for (const advisory of [false, true]) {
    expect(comparisonBadge(alone, { workload: 'a', variant: 'dynamic' }, advisory)).toEqual({
      label: 'dynamic vs none',
      message: expect.stringMatching(/^between \+\d+\.\d % and \+\d+\.\d %, MDE \d\.\d %$/),
      color: '#5b6470',
    });
  }
});

test('a badge of several comparisons with a base shows the worst, by verdict before ratio', () => {
  const { comparison: sided } = exampleReport(['a', 'b'], 1, 1.1, 1.3);
  const sides = sided.sides.map((row) => ({
    ...row,
    verdict: row.workload === 'a' ? ('no-change' as const) : ('regression' as const),
    ratio: { ...row.ratio, ratio: row.workload === 'a' ? 1.9 : row.variant === 'none' ? 1.1 : 1.2 },
  }));
  expect(comparisonBadge({ ...sided, sides }, {}, false)).toMatchObject({
    label: 'dynamic: head vs base, b',
    color: '#b3261e',
  });
});

test('the worst of a larger-is-better metric is the smallest ratio', () => {
  const rows = comparison.rows.map((row) =>
    row.ratio === null
      ? row
      : {
          ...row,
          verdict: 'regression' as const,
          ratio: { ...row.ratio, ratio: row.workload === 'a' ? 0.5 : 0.9 },
        },
  );
  expect(
    comparisonBadge(
      { ...comparison, metric: 'rate', direction: 'larger-is-better', rows },
      {},
      false,
    ).label,
  ).toBe('dynamic vs none, a, rate');
});

test('a badge with a base shows head against base, and marks advisory verdicts', () => {
  const { comparison: sided } = exampleReport(['a'], 1, 1.1, 1.3);
  expect(comparisonBadge(sided, { variant: 'dynamic' }, true)).toMatchObject({
    label: 'dynamic: head vs base',
    message: expect.stringMatching(
      /^regression, confirmed: between \+.* and \+.*, MDE \d\.\d %, advisory$/,
    ),
  });
});

test('a badge of an undecided comparison shows its range, and one of equal binaries says so', () => {
  const messageOf = (details: Partial<SideRow>) =>
    comparisonBadge(
      comparisonOf({
        sides: [sideRow({ minimumDetectableRatio: null, ratio: intervalOf(1.004), ...details })],
      }),
      {},
      false,
    );
  expect(messageOf({})).toMatchObject({ message: 'between −0.6 % and +1.4 %', color: '#805300' });
  expect(messageOf({ verdict: null })).toMatchObject({
    message: 'open: between −0.6 % and +1.4 %',
    color: '#5b6470',
  });
  expect(messageOf({ verdict: 'same-binary' })).toMatchObject({
    message: 'same binary',
    color: '#4c5663',
  });
});

test('a badge of a missing or unfinished result says so', () => {
  expect(comparisonBadge(comparison, { variant: 'statik' }, false)).toEqual(
    emptyBadge('no matching comparison'),
  );
  expect(stateBadge('measuring')).toMatchObject({ message: 'measuring' });
});

test.each(HOSTILE_NAMES)('a badge of %j is one image without markup from the text', (name) => {
  const svg = badgeSvg({ label: name, message: name, color: '#4c5663' });
  expect(svg).toMatch(/^<svg /);
  expect(svg).not.toMatch(/<script|<foreignObject|href=/i);
  expect(svg).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202e]|\p{Surrogate}/u);
  expect(svg.length).toBeLessThan(4000);
});
