// SPDX-License-Identifier: GPL-2.0-or-later
import { absentPatches } from '#dashboard/pages/submit/patch-series.js';

const series = (...subjects: string[]) =>
  subjects.map((subject, index) => ({
    path: `${index}.patch`,
    content: new Blob([`From 1f2e\nFrom: A <a@b.c>\nSubject: ${subject}\n\n---\n`]),
  }));

test.each([
  ['[PATCH 1/3] a', '[PATCH 3/3] c', ['2/3']],
  ['[RFC PATCH v2 01/12] a', '[PATCH 2/2] b', [...range(2, 12).map((n) => `${n}/12`), '1/2']],
  ['[PATCH 1/2] a', '[PATCH 2/2] 3/4 of the way', []],
  ['[PATCH] a', 'b [PATCH 1/9]', []],
  ['[PATCH 1/99999999] a', '[PATCH 0/1] cover', ['1/1']],
])('a series of %s and %s lacks %j', async (first, second, absent) => {
  expect(await absentPatches(series(first, second))).toEqual(absent);
});

test('a file that no build applies takes no place in a series', async () => {
  const [one, two, three] = series('[PATCH 1/3] a', '[PATCH 2/3] b', '[PATCH 3/3] c');
  for (const path of ['folder/0002.patch', 'two'])
    expect(await absentPatches([one!, { ...two!, path }, three!])).toEqual(['2/3']);
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
