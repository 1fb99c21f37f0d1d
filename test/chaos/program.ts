// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { OwnClock } from './clock.js';

const RESTART_MS = 300;
const PRELOAD = fileURLToPath(new URL('block.js', import.meta.url));

/** A program of the service that is restarted whenever it ends, like under `qibench up`. */
export class Program {
  #child: ChildProcess | null = null;
  #wanted = false;

  constructor(
    readonly name: string,
    readonly file: string,
    readonly environment: NodeJS.ProcessEnv,
    readonly logFile: string,
    readonly clock: OwnClock,
  ) {}

  start(): void {
    this.#wanted = true;
    const log = openSync(this.logFile, 'a');
    this.#child = spawn(
      process.execPath,
      ['--enable-source-maps', '--import', PRELOAD, this.file],
      {
        env: { ...this.environment, ...this.clock.environment },
        stdio: ['ignore', log, log, 'ipc'],
        detached: true,
      },
    );
    this.#child.once('exit', () => {
      if (this.#wanted) setTimeout(() => this.#wanted && this.start(), RESTART_MS);
    });
  }

  /** Sends a signal; does nothing while the program is not running. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends the program until the next start(). */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#wanted = false;
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
    await exited;
    clearTimeout(timer);
  }
}
