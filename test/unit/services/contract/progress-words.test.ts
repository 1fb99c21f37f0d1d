// SPDX-License-Identifier: GPL-2.0-or-later
import {
  blocksText,
  blockWords,
  expectationWords,
  progressWords,
  waitWords,
} from '#contract/progress-words.js';

const block = {
  type: 'block',
  block: 24,
  blocks: 768,
  withinSeconds: 300,
  spentSeconds: 12.3,
  undecided: 3,
  remainingSeconds: 20,
  warmup: false,
} as const;

test('a time is written in minutes and seconds', () => {
  expect([0.4, 40, 300, 80].map(waitWords)).toEqual(['0 s', '40 s', '5 min', '1 min 20 s']);
});

test("a block's progress is a time until comparisons are decided, or a number of a fixed total", () => {
  expect(blockWords(block)).toBe(
    'block 24, 12 s of at most 5 min, 3 comparisons open, about 20 s left',
  );
  expect(blockWords({ ...block, undecided: 1, remainingSeconds: null })).toBe(
    'block 24, 12 s of at most 5 min, 1 comparison open',
  );
  expect(blockWords({ ...block, undecided: 0, remainingSeconds: 0 })).toBe(
    'block 24, 12 s of at most 5 min, all comparisons decided',
  );
  expect(blockWords({ ...block, remainingSeconds: 0.2 })).toBe(
    'block 24, 12 s of at most 5 min, 3 comparisons open',
  );
  const fixed = { ...block, withinSeconds: null, blocks: 12, block: 3, remainingSeconds: 9 };
  expect(blockWords(fixed)).toBe('block 3 of 12, about 9 s left');
  expect(blockWords({ ...fixed, block: 15, remainingSeconds: null })).toBe(
    'block 3 of 12 of the confirmation batch',
  );
  expect(blockWords({ ...fixed, warmup: true })).toBe('warm-up block');
});

test('a comparison states its progress over all blocks together', () => {
  const progress = {
    blocks: 24,
    spentSeconds: 12,
    withinSeconds: 300,
    undecided: 2,
    remainingSeconds: 20,
  };
  expect(progressWords(progress)).toBe(
    '12 s of at most 5 min, 24 blocks, 2 comparisons open, about 20 s left',
  );
  expect(progressWords({ ...progress, withinSeconds: null, remainingSeconds: 0 })).toBe(
    '24 blocks',
  );
});

test('a job states its finished blocks, and the total if that is fixed', () => {
  const fixed = { blocks: 12, batches: 2, withinSeconds: null };
  expect([blocksText(3, fixed), blocksText(15, fixed)]).toEqual(['block 3/12', 'block 15/24']);
  expect(blocksText(24, { ...fixed, withinSeconds: 300 })).toBe('24 blocks');
});

test('a plan states its expected duration, or that it is unknown before a host has measured its guests', () => {
  const plan = { blocks: 768, withinSeconds: 300, expected: null };
  const expected = { blocks: 60, seconds: 40.2, noiseSd: 0.049, hostFingerprint: 'h' };
  expect(expectationWords({ ...plan, expected })).toBe(
    "measures about 40 s, at most 5 min: the host's noise is 4.9 % a block",
  );
  expect(expectationWords(plan)).toBe(
    'measures at most 5 min; no estimate: no host has measured this guest yet',
  );
  expect(expectationWords({ ...plan, blocks: 12, withinSeconds: null })).toBe('measures 12 blocks');
});
