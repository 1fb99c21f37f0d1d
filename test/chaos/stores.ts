// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startPostgres } from '#cli/embedded/postgres.js';
import type { Running } from '#cli/embedded/server-process.js';
import { startRedis } from '#cli/embedded/redis.js';

const START_LIMIT_MS = 60_000;

/** A Postgres or Redis that can be killed and restarted on its port. */
export class Server {
  #running: Running | null = null;

  constructor(
    readonly pidFile: string,
    readonly run: () => Promise<Running>,
  ) {}

  get url(): string {
    return this.#running!.url;
  }

  /** Starts the server; the remains of a killed one may be in the way for a moment. */
  async start(): Promise<void> {
    const deadlineMs = performance.now() + START_LIMIT_MS;
    for (;;) {
      try {
        this.#running = await this.run();
        return;
      } catch (error) {
        if (performance.now() > deadlineMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    }
  }

  /** Sends a signal. Returns false if the server is not running. */
  async signal(signal: NodeJS.Signals): Promise<boolean> {
    const pid = Number.parseInt(await readFile(this.pidFile, 'utf8').catch(() => ''), 10);
    try {
      process.kill(pid, signal);
      return true;
    } catch {
      return false;
    }
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
  }
}

export const postgresServer = (folder: string, port: number) =>
  new Server(join(folder, 'postgres/postmaster.pid'), () => startPostgres(folder, port));
export const redisServer = (folder: string, port: number) =>
  new Server(join(folder, 'redis/redis.pid'), () => startRedis(folder, port));
