// SPDX-License-Identifier: GPL-2.0-or-later
import { createServer } from 'node:net';

/** Returns a port of the loopback interface that no process uses. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  await new Promise((resolve) => server.close(resolve));
  return port;
}
