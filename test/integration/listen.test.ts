// SPDX-License-Identifier: GPL-2.0-or-later
import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { listen } from '#store/listen.js';

/** A proxy before Postgres that can go away and come back. */
async function gate(port: number) {
  const { hostname, port: target } = new URL(process.env.TEST_DATABASE_URL!);
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    const onward = connect(Number(target), hostname);
    for (const side of [socket, onward]) sockets.add(side.on('error', () => undefined));
    socket.pipe(onward).pipe(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    connections: () => connections,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

test('after an outage one connection listens again, after any number of failed attempts', async () => {
  const before = await gate(0);
  const url = new URL(process.env.TEST_DATABASE_URL!);
  url.port = String(before.port);
  let heard = () => undefined as void;
  const unlisten = await listen({ databaseUrl: url.href }, 'qibench_test', () => heard());
  await before.close();
  // Attempts fail meanwhile, without an event to await.
  await new Promise((resolve) => setTimeout(resolve, 4_500));

  const again = new Promise<void>((resolve) => (heard = resolve));
  const after = await gate(before.port);
  await again;
  await new Promise((resolve) => setTimeout(resolve, 1_500)); // and no other connection follows

  expect(after.connections()).toBe(1);
  await unlisten();
  await after.close();
});
