// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackages } from './debian-tools.js';

/** Credentials of a registry that requires them; the registry has the password's bcrypt hash. */
export const REGISTRY_USER = { username: 'worker', password: 'correct horse' };
const PASSWORD_FILE = 'worker:$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2\n';

/** Starts Debian's image registry on loopback. `folder` holds its data. */
export async function startRegistry({ asks = false } = {}): Promise<{
  address: string;
  folder: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}> {
  await installPackages('docker-registry');
  const folder = await mkdtemp(join(tmpdir(), 'qibench-registry-'));
  const port = await freePort();
  const configuration = join(folder, 'config.yml');
  const passwords = join(folder, 'passwords');
  await writeFile(passwords, PASSWORD_FILE);
  const auth = asks ? { htpasswd: { realm: 'qibench', path: passwords } } : undefined;
  await writeFile(
    configuration,
    JSON.stringify({
      version: 0.1,
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: folder } },
      http: { addr: `127.0.0.1:${port}` },
      auth,
    }),
  );
  let registry: ReturnType<typeof spawn> | null = null;
  async function start(): Promise<void> {
    registry = spawn('docker-registry', ['serve', configuration], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let output = '';
    registry.stderr!.on(
      'data',
      (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4096)),
    );
    while (
      !(await fetch(`http://127.0.0.1:${port}/v2/`).then(
        ({ status }) => status === (asks ? 401 : 200),
        () => false,
      ))
    ) {
      if (registry.exitCode !== null) throw new Error(`the registry did not start: ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  async function stop(): Promise<void> {
    if (registry === null || registry.exitCode !== null) return;
    const exited = once(registry, 'exit');
    registry.kill('SIGTERM');
    await exited;
  }
  await start();
  return {
    address: `127.0.0.1:${port}/ci`,
    folder,
    start,
    stop,
    async remove() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    }),
  );
}
