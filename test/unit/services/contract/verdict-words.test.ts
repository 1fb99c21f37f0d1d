// SPDX-License-Identifier: GPL-2.0-or-later
import type { EventCost, Figure, Verdict } from '#contract/comparison.js';
import {
  answerWords,
  bendWords,
  figureWords,
  movedNote,
  perEventWords,
  spanWords,
  startWords,
  type About,
} from '#contract/verdict-words.js';
import { costRow, intervalOf, sideRow } from '#support/comparison.js';

test.each<[Verdict | null, About, string]>([
  ['regression', 'time', 'slower: between +3.0 % and +5.0 %'],
  ['regression', 'amount', 'worse: between +3.0 % and +5.0 %'],
  ['regression', 'change', 'regression: between +3.0 % and +5.0 %'],
  ['improvement', 'time', 'faster: between +3.0 % and +5.0 %'],
  ['no-change', 'time', 'no change (±2 %): between +3.0 % and +5.0 %'],
  ['inconclusive', 'change', 'between +3.0 % and +5.0 %'],
  [null, 'change', 'open: between +3.0 % and +5.0 %'],
  ['same-binary', 'change', 'same binary'],
])('the verdict %s on %s reads: %s', (verdict, about, words) => {
  expect(answerWords(sideRow({ verdict, ratio: intervalOf(1.04) }), about)).toBe(words);
});

test('a verdict on two single binaries says so, and a suspicion shows its outcome', () => {
  const answer = (details: Parameters<typeof sideRow>[0]) =>
    answerWords(sideRow({ ratio: intervalOf(1.04), ...details }), 'change')!.split(':')[0];
  const confirmation = { ...sideRow(), verdict: 'regression' } as const;

  expect(answer({ verdict: 'no-change', oneBuild: true })).toBe(
    'no change (±2 %) of these two binaries',
  );
  expect(answer({ oneBuild: true })).toBe('of these two binaries');
  expect(answer({ verdict: 'same-binary', oneBuild: true })).toBe('same binary');
  expect(answer({ suspected: true, oneBuild: true })).toBe(
    'suspected regression of these two binaries',
  );
  expect(answer({ suspected: true })).toBe('suspected regression, no second batch');
  expect(answer({ suspected: true, confirmation })).toBe('suspected regression, not confirmed');
  expect(answer({ verdict: 'regression', confirmation })).toBe('regression, confirmed');
});

const FEW = { low: 0.788, high: 0.788, confidence: 0, blocks: 1, method: 'signed-rank' } as const;

test.each([
  [null, 0.788, FEW, 'open: −21.2 % in 1 block, too few for an interval'],
  [
    'inconclusive',
    0.788,
    { ...FEW, low: 0.7, high: 0.9, confidence: 0.9375, blocks: 5 },
    '−21.2 % in 5 blocks, too few for an interval',
  ],
  [
    null,
    2.5,
    { ...FEW, low: 2.5, high: 2.5 },
    'open: 2.5 times in 1 block, too few for an interval',
  ],
  [
    null,
    0.788,
    { ...FEW, low: 0.7, high: 0.9, confidence: 0.96875, blocks: 6 },
    'open: between −30.0 % and −10.0 %',
  ],
] as const)(
  'the interval of verdict %s at ratio %d is shown only if its blocks reach 95 %%',
  (verdict, ratio, details, words) => {
    expect(answerWords(costRow({ verdict, ratio: intervalOf(ratio, details) }), 'time')).toBe(
      words,
    );
  },
);

test('a summary, a second opinion and a bend need blocks enough for an interval', () => {
  const few = intervalOf(0.788, FEW);
  expect(spanWords([intervalOf(1), few])).toBe('1 block, too few for an interval');
  expect(
    movedNote(costRow({ ratio: few, processor: intervalOf(1.5, FEW), moved: 'processor' })),
  ).toBeNull();
});

test('a row without a ratio has no answer', () => {
  expect(answerWords(costRow({ ratio: null, verdict: null }), 'time')).toBeNull();
});

test('several undecided rows are summarised by the interval that covers all of theirs', () => {
  expect(spanWords([intervalOf(1), intervalOf(1.03)])).toBe('between −1.0 % and +4.0 %');
});

test('a difference in only one of the two times is named', () => {
  const row = costRow({ ratio: intervalOf(1.1), processor: intervalOf(1), moved: 'wall' });

  expect(movedNote(row)).toBe(
    'waits more, computes the same: processor time between −1.0 % and +1.0 %',
  );
  expect(movedNote({ ...row, ratio: intervalOf(0.9) })).toMatch(/^waits less/);
  expect(movedNote({ ...row, processor: intervalOf(1.05), moved: 'processor' })).toBe(
    'computes more: processor time between +4.0 % and +6.0 %',
  );
  expect(movedNote({ ...row, processor: intervalOf(1, { low: 0.08, high: 31.9 }) })).toBeNull();
  for (const moved of ['both', 'neither', null] as const)
    expect(movedNote({ ...row, moved })).toBeNull();
});

const figure = (
  value: number,
  low: number,
  high: number,
  shown: Figure['shown'] = 'value',
): Figure => ({ value, low, high, confidence: 0.95, shown });
const cost = (details: Partial<EventCost>): EventCost => ({
  startNs: null,
  perEventNs: null,
  averageNs: null,
  bendNs: null,
  ...details,
});

test('a figure is rounded to the precision of its interval', () => {
  expect(figureWords(figure(9.82, 8.4, 11.23))).toBe('9.8 [8.4, 11.2]');
  expect(figureWords(figure(0.4, -2.3, 3.1, 'bound'))).toBe('below 3.1');
  expect(figureWords(figure(-6289, -16298, 80964, 'nothing'))).toBeNull();
  expect(figureWords(figure(-1500, -1600.4, -1400))).toBe('−1500 [−1600, −1400]');
  expect(figureWords(null)).toBeNull();
});

test('start is in ms, an average is labelled as one, and a nonlinear cost has a warning', () => {
  expect(startWords(cost({ startNs: figure(10.4e6, 9.8e6, 11e6) }))).toBe('10.4 [9.8, 11.0]');
  expect(startWords(cost({ startNs: figure(0.14e6, 0.1e6, 0.2e6) }))).toBe('0.14 [0.10, 0.20]');
  expect(perEventWords(cost({ perEventNs: figure(5, 4, 6) }))).toBe('5.0 [4.0, 6.0]');
  expect(perEventWords(cost({ averageNs: figure(60, 50, 70) }))).toBe(
    '60.0 [50.0, 70.0] (average, start included)',
  );
  expect(bendWords(cost({ bendNs: figure(5, 1, 9) }))).toBe('cost is not linear in events');
  expect(bendWords(cost({ bendNs: figure(5, -1, 9) }))).toBeNull();
  expect([startWords(null), perEventWords(null), bendWords(null)]).toEqual([null, null, null]);
});
