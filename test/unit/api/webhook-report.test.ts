import { endText } from '../../../services/api/webhook/report.js';
import type { SideRow } from '../../../services/contract/comparison.js';
import { findingsOf } from '../../../services/contract/judged.js';
import { comparisonOf, costRow, intervalOf, sideRow } from '../../comparison.js';

const ending = (...sides: SideRow[]) => endText(findingsOf([comparisonOf({ sides })]), false);

test('a comment counts verdicts, and lists between what each comparison lies that nothing is decided of', () => {
  const ratio = intervalOf(1.01, { method: 'sign-sequence' });
  expect(
    ending(
      sideRow({ ratio, verdict: 'no-change' }),
      sideRow({ ratio, verdict: 'same-binary', variant: 'none' }),
      sideRow({ ratio, variant: 'static' }),
    ),
  ).toBe(
    '⚠️ Wall time, 3 comparison(s): 1 no change, 1 same binary, 1 not decided. Not decided: <code>static</code> with <code>port&#45;io</code>: between 0.0 % and +2.0 %.',
  );
});

test('a comment on a fixed number of blocks says what they find, and lists few of many', () => {
  const many = Array.from({ length: 7 }, () => sideRow());
  expect(ending(...many)).toMatch(
    /7 not decided; minimum detectable effect 4\.0 %\. .*; and 2 more\.$/,
  );
});

test('what is open is not good news, what only advises says so, and without a base there is nothing to say', () => {
  expect(
    endText(findingsOf([comparisonOf({ sides: [sideRow({ verdict: null })] })]), true),
  ).toMatch(
    /^⚠️ .* 1 not decided; minimum detectable effect 4\.0 %\. Not decided: .*: open: between .* Advisory/,
  );
  expect(ending(sideRow({ verdict: 'regression' }))).toMatch(/^❌ .* 1 regression; /);
  expect(ending()).toBe('✅ Measured; there is nothing to compare with.');
});

test('a base that was measured for too few blocks to compare by is no good news', () => {
  const early = findingsOf([comparisonOf({ rows: [costRow({ side: 'base' })] })]);

  expect(endText(early, false)).toBe('⚠️ Both sides lack values to compare for <code>wallNs</code>.');
});
