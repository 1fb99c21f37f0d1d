// SPDX-License-Identifier: GPL-2.0-or-later
import { linesOf, sweepOf } from '#dashboard/pages/submit/sweep-lines.js';

test('a line names a swept value and its values, with colons, commas or blanks between', () => {
  const sweep = { writes: [10, 2.5, -3], cpu: ['max', '64M', '1e3'] };

  expect(sweepOf(['writes: 10, 2.5, -3', 'cpu max 64M,1e3'])).toEqual(sweep);
  expect(sweepOf(linesOf(sweep))).toEqual(sweep);
  expect(sweepOf(['writes'])).toEqual({ writes: [] });
});
