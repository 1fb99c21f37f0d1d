// SPDX-License-Identifier: GPL-2.0-or-later
import { listText } from '#api/bulk.js';

async function piecesOf(...list: Parameters<typeof listText>): Promise<string[]> {
  const pieces = [];
  for await (const piece of listText(...list)) pieces.push(piece);
  return pieces;
}

test.each([[0], [1], [2], [5_000]])('a list of %i items is valid JSON', async (count) => {
  const items = Array.from({ length: count }, (_, at) => ({ at, text: '"]}'.repeat(20) }));
  const rest = { next: null, key: 'k' };
  const more = await piecesOf('items', [items], rest);
  expect(JSON.parse(more.join(''))).toEqual({ ...rest, items });
  const alone = await piecesOf('items', [items.slice(0, 1), [], items.slice(1)], {});
  expect(JSON.parse(alone.join(''))).toEqual({ items });
});

test('a long list is serialised in pieces, and other work runs between two of them', async () => {
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 0);
  const items = new Array<string>(5_000).fill('x'.repeat(10_000));
  const pieces = await piecesOf('items', [items], {});
  clearInterval(timer);

  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(80_000);
  expect(turns).toBeGreaterThan(1);
});
