// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { QibenchError } from '#contract/error.js';

/** A server that this process started. */
export interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

/** Numbers of the user and the group of a process. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Signal that stops a server, and the time that it has before SIGKILL. */
export interface Ending {
  readonly signal: NodeJS.Signals;
  readonly limitMs: number;
}

const OUTPUT_CHARACTERS = 4_000;
const WITHOUT_RIGHTS: Account = { uid: 65_534, gid: 65_534 };
const EXCLUDED = [
  /^DATABASE_URL$/, // a server needs no access to another one
  /^REDIS_URL$/,
  /^QIBENCH_/,
  /^LC_/,
  /^LANG/,
];

/** A server and the end of its output. */
export interface ServerProcess {
  readonly child: ChildProcess;
  /** Returns the end of the output. */
  output(): string;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  /** Stops the process; does nothing if it has ended. */
  stop(): Promise<void>;
}

/**
 * Starts a server. The kernel sends it the ending's signal if this process dies in any way, so no
 * server outlives it. Signals of the terminal do not reach it: the caller stops all parts in order.
 *
 * @param log Descriptor for the output; null: the end of it is kept in memory.
 * @param input Text for standard input.
 */
export function startServer(
  command: readonly [string, ...string[]],
  ending: Ending,
  options: {
    readonly account?: Account | null;
    readonly log?: number | null;
    readonly input?: string;
    readonly cwd?: string;
  } = {},
): ServerProcess {
  const { account = null, log = null, input, cwd } = options;
  const output = log ?? 'pipe';
  const death = ending.signal.slice(3); // setpriv(1) names signals without SIG
  const child = spawn('setpriv', ['--pdeathsig', death, '--', ...command], {
    env: serverEnvironment(),
    stdio: [input === undefined ? 'ignore' : 'pipe', output, output],
    detached: true,
    cwd,
    ...account,
  });
  let kept = '';
  const keep = (chunk: Buffer) => void (kept = (kept + chunk.toString()).slice(-OUTPUT_CHARACTERS));
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', (error) => {
      kept += String(error);
      resolve();
    });
  });
  child.stdin?.on('error', () => undefined); // a server that ended at once reads no input
  child.stdin?.end(input);
  return {
    child,
    ended,
    output: () => kept.trim(),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      child.kill(ending.signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), ending.limitMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/**
 * Waits until a server answers.
 *
 * @throws {UNAVAILABLE} The server ended, or was stopped because it did not answer in time. The
 *   error has the end of its output.
 * @throws The signal's reason when it aborts; the server is then stopped.
 */
export async function untilAnswers(
  what: string,
  server: ServerProcess,
  answers: () => Promise<boolean>,
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = performance.now() + limitMs;
  let over = false;
  void server.ended.then(() => (over = true));
  while (!(await answers())) {
    if (!over && !signal.aborted && performance.now() <= deadlineMs) {
      await Promise.race([server.ended, new Promise((resolve) => setTimeout(resolve, 50))]);
      continue;
    }
    await server.stop();
    signal.throwIfAborted();
    const state = over ? 'it ended' : `no answer within ${limitMs / 1_000} s`;
    throw new QibenchError('UNAVAILABLE', {
      what,
      reason: [state, server.output()].filter((line) => line !== '').join(': '),
    });
  }
}

/**
 * Returns the account that a server has if this process is root; null for another user's process.
 * A name that the machine lacks gives the user without rights, 65534.
 */
export function accountOf(name: string): Account | null {
  if (process.getuid?.() !== 0) return null;
  const [uid, gid] = ['-u', '-g'].map((option) =>
    Number.parseInt(spawnSync('id', [option, name], { encoding: 'utf8' }).stdout, 10),
  );
  return Number.isInteger(uid) && Number.isInteger(gid) ? { uid: uid!, gid: gid! } : WITHOUT_RIGHTS;
}

/** Returns the preferred port, or any free one if it is taken. */
export async function freePort(preferred: number): Promise<number> {
  for (const port of [preferred, 0]) {
    const server = createServer();
    const free = await new Promise<number | null>((resolve) => {
      server.once('error', () => resolve(null));
      server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    await new Promise((resolve) => server.close(resolve));
    if (free !== null) return free;
  }
  throw new QibenchError('UNAVAILABLE', { what: 'a port', reason: 'every port is taken' });
}

/**
 * Tries the preferred port, then another one: another process may take a free port before the
 * server listens on it.
 */
export async function onFreePort<T>(
  preferred: number,
  start: (port: number) => Promise<T>,
): Promise<T> {
  try {
    return await start(await freePort(preferred));
  } catch (error) {
    if (!/address (?:is )?already in use|is in use|could not bind/i.test(String(error)))
      throw error;
    return start(await freePort(0));
  }
}

/** The environment of a server: the same messages and the same encoding on every machine. */
function serverEnvironment(): NodeJS.ProcessEnv {
  // eslint-disable-next-line no-restricted-properties -- passed on, not read
  const inherited = Object.entries(process.env).filter(
    ([name]) => !EXCLUDED.some((pattern) => pattern.test(name)),
  );
  return { ...Object.fromEntries(inherited), LC_ALL: 'C.UTF-8' };
}
