// SPDX-License-Identifier: GPL-2.0-or-later
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Starts a loopback proxy that gives each request to the next service, and sets X-Forwarded-For.
 */
export async function startProxy(
  urls: readonly string[],
): Promise<{ url: string; served: number[]; stop(): Promise<void> }> {
  const served = urls.map(() => 0);
  let next = 0;
  const server = createServer((incoming, outgoing) => {
    const index = next++ % urls.length;
    served[index]! += 1;
    const headers = {
      ...incoming.headers,
      'x-forwarded-for': incoming.headers['x-client'] ?? incoming.socket.remoteAddress,
    };
    const forwarded = request(
      new URL(incoming.url!, urls[index]),
      { method: incoming.method, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on('error', () => outgoing.destroy());
    outgoing.once('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
