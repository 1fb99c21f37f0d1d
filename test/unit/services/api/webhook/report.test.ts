// SPDX-License-Identifier: GPL-2.0-or-later
import { endText } from '#api/webhook/report.js';
import type { SideRow } from '#contract/comparison.js';
import { findingsOf } from '#contract/findings.js';
import { comparisonOf, costRow, intervalOf, sideRow } from '#support/comparison.js';

const ending = (...sides: SideRow[]) => endText(findingsOf([comparisonOf({ sides })]), false);

test('a comment counts verdicts and lists the intervals of undecided comparisons', () => {
  const ratio = intervalOf(1.01, { method: 'sign-sequence' });
  expect(
    ending(
      sideRow({ ratio, verdict: 'no-change' }),
      sideRow({ ratio, verdict: 'same-binary', variant: 'none' }),
      sideRow({ ratio, variant: 'static' }),
    ),
  ).toBe(
    '⚠️ Wall time, 3 comparison(s): 1 no change, 1 same binary, 1 not decided. Not decided: ' +
      '<code>static</code> with <code>port&#45;io</code>: between 0.0 % and +2.0 %.',
  );
});

test('a comment on a fixed number of blocks gives the MDE and lists at most five undecided comparisons', () => {
  const many = Array.from({ length: 7 }, () => sideRow());
  expect(ending(...many)).toMatch(
    /7 not decided; minimum detectable effect 4\.0 %\. .*; and 2 more\.$/,
  );
});

test(
  'an open comparison is not good news, advisory verdicts are marked, and a job without a base ' +
    'is just measured',
  () => {
    expect(
      endText(findingsOf([comparisonOf({ sides: [sideRow({ verdict: null })] })]), true),
    ).toMatch(
      /^⚠️ .* 1 not decided; minimum detectable effect 4\.0 %\. Not decided: .*: open: between .* Advisory/,
    );
    expect(ending(sideRow({ verdict: 'regression' }))).toMatch(/^❌ .* 1 regression; /);
    expect(ending()).toBe('⚠️ Measured, but nothing was compared: the job has no base.');
  },
);

test('a base with too few blocks to compare is not good news', () => {
  const early = findingsOf([comparisonOf({ rows: [costRow({ side: 'base' })] })]);

  expect(endText(early, false)).toBe('⚠️ No values to compare for <code>wallNs</code>.');
});

test('a comment gives the causes of the largest difference between the sides, as text', () => {
  const cause = {
    name: 'write<b>',
    object: 'qemu',
    file: 'hw/char/serial.c',
    line: 12,
    part: 'devices',
    before: 0,
    after: 3_000,
    low: null,
    high: null,
    share: 0.75,
    perEvent: null,
  } as const;
  const explanation = (variant: string, after: number) => ({
    about: 'side' as const,
    variant,
    side: 'head' as const,
    workload: 'w',
    subject: variant,
    reference: `${variant}@base`,
    unit: 'instructions' as const,
    before: 10_000,
    after,
    startUp: { before: 0, after: 0 },
    causes: [cause],
  });
  const text = endText(findingsOf([comparisonOf({ sides: [sideRow()] })]), false, [
    explanation('none', 10_100),
    explanation('dynamic', 14_000),
  ]);

  expect(text.split('\n').slice(1).map(readable)).toEqual([
    '',
    'Why: dynamic over dynamic@base with w: +4 k instructions (+40.0 %)',
    '* 75 % by write<b> (hw/char/serial.c:12), devices and system calls: +3 k instructions',
  ]);
});

/** What a reader of the Markdown sees. */
const readable = (markdown: string): string =>
  markdown
    .replace(/<\/?code>/g, '')
    .replace(/&#(\d+);/g, (_, number: string) => String.fromCharCode(Number(number)));
