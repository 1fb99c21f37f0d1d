// SPDX-License-Identifier: GPL-2.0-or-later
import { parameterTexts } from '#dashboard/pages/job/parameter-texts.js';

const size = { parameter: 'writes', empty: 1, full: null, minimum: 1, maximum: 1e9 };
const workload = { parameters: { writes: 1_500_000, pages: 4 }, size };

test("a size that the host chose is shown instead of the plan's value", () => {
  expect(parameterTexts(workload, 720_000)).toEqual([
    'writes 720,000 (chosen on the host)',
    'pages 4',
  ]);
  expect(parameterTexts(workload, null)).toEqual(['writes chosen on the host', 'pages 4']);
});

test('a size from the request is shown as it is', () => {
  const requested = { ...workload, size: { ...size, full: 1_500_000 } };

  expect(parameterTexts(requested, 1_500_000)).toEqual(['writes 1,500,000', 'pages 4']);
});
