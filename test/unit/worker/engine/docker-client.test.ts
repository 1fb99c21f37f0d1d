// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { dockerClient } from '#worker/engine/docker-client.js';

test('every request to the engine has a connection of its own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qibench-client-'));
  const socket = join(folder, 'docker.sock');
  let connections = 0;
  const engine = createServer((_, response) => response.end('{}'));
  engine.on('connection', () => (connections += 1));
  engine.listen(socket);
  await once(engine, 'listening');
  const { DOCKER_HOST: before } = process.env;
  process.env.DOCKER_HOST = `unix://${socket}`;
  try {
    const client = dockerClient();
    await client.info();
    await client.info();
  } finally {
    if (before === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = before;
    engine.closeAllConnections();
    engine.close();
    rmSync(folder, { recursive: true });
  }

  expect(connections).toBe(2);
});
