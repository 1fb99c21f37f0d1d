// SPDX-License-Identifier: GPL-2.0-or-later
import { fairShare } from '#domain/fair-share.js';

test.each([
  ['all fit', [10, 20, 30], 60, Infinity],
  ['the largest gives everything', [10, 20, 31], 60, 30],
  ['two large ones give, down to the same share', [10, 40, 50], 60, 25],
  ['equal ones give equally', [30, 30, 30], 60, 20],
  ['many small ones do not lower the share of the largest', [1, 1, 1, 1, 100], 60, 56],
  ['nothing is held', [], 60, Infinity],
])('a holder within the total divided by the holders never gives: %s', (_, held, total, share) => {
  expect(fairShare(held, total)).toBe(share);
  const reversed = [...held].reverse();
  expect(fairShare(reversed, total)).toBe(share);
});
