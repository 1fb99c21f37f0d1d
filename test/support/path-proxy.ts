// SPDX-License-Identifier: GPL-2.0-or-later
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Starts a proxy that serves a service below a path of its own host, and nothing else.
 * @param path Starts with a slash. The service sees requests without it.
 */
export async function startPathProxy(
  target: string,
  path: string,
): Promise<{ url: string; stop(): Promise<void> }> {
  const { hostname, port } = new URL(target);
  const proxy = createServer((incoming, answer) => {
    if (!incoming.url!.startsWith(`${path}/`)) {
      answer.writeHead(404).end();
      return;
    }
    const outgoing = request(
      {
        hostname,
        port,
        method: incoming.method,
        path: incoming.url!.slice(path.length),
        headers: { ...incoming.headers, 'x-forwarded-host': incoming.headers.host },
      },
      (received) => {
        answer.writeHead(received.statusCode!, received.headers);
        received.pipe(answer);
      },
    );
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${path}`,
    async stop() {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
