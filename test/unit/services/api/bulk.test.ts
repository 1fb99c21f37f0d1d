// SPDX-License-Identifier: GPL-2.0-or-later
import Fastify from 'fastify';
import { bulk, limitBulk, listText } from '#api/bulk.js';
import type { Access } from '#domain/access.js';

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

test('a project has two bulk responses of a kind at once, and further requests wait', async () => {
  const server = Fastify();
  let begun = 0;
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  server.decorateRequest('access');
  server.addHook('onRequest', async (request) => {
    request.access = { project: request.headers['x-project'], account: null } as unknown as Access;
  });
  limitBulk(server);
  server.get('/list', { config: bulk('list') }, async () => {
    begun += 1;
    await gate;
    return {};
  });
  server.get('/trace', { config: bulk('trace') }, async () => ({}));
  const url = await server.listen({ port: 0, host: '127.0.0.1' });
  const get = async (path: string, project: string) =>
    (await fetch(url + path, { headers: { 'x-project': project } })).status;
  try {
    const lists = [1, 2, 3].map(() => get('/list', 'a'));
    while (begun < 2) await get('/trace', 'a');
    const other = get('/list', 'b');
    while (begun < 3) await get('/trace', 'a');
    expect(await get('/trace', 'a')).toBe(200);
    expect(begun).toBe(3); // two of project a, one of project b
    open();
    expect(await Promise.all([...lists, other])).toEqual([200, 200, 200, 200]);
    expect(begun).toBe(4);
  } finally {
    open();
    await server.close();
  }
});
