// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, openSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { QibenchError } from '#contract/error.js';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 30_000;
const RESTART_MS = 1_000;
const REASON_LINES = 10;
/**
 * glibc's allocator in programs with many threads: two arenas instead of eight per CPU, and free
 * memory goes back to the system. Otherwise each thread's arena keeps what was once used.
 */
const ALLOCATOR = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' };

/** A program that is restarted when it exits. */
export interface Supervised {
  /** Address that the program reported; undefined if it has none. */
  readonly url: string | undefined;
  /** Stops the program by SIGTERM, and by SIGKILL after STOP_LIMIT_MS. */
  stop(): Promise<void>;
}

/**
 * Runs a program, and restarts it when it exits after its start. The program reports its start by a
 * message `{url}`.
 *
 * @param what Name of the program in errors.
 * @param restarted Returns the environment of later starts, so that the address stays the same.
 * @throws {UNAVAILABLE} The program ended before it had started; the error has its own reason.
 * @throws The signal's reason when it aborts.
 */
export async function supervise(
  what: string,
  program: string,
  environment: NodeJS.ProcessEnv,
  logFile: string,
  signal: AbortSignal,
  restarted: (url: string | undefined) => NodeJS.ProcessEnv = () => environment,
): Promise<Supervised> {
  const log = openSync(logFile, 'a', 0o600);
  chmodSync(logFile, 0o600); // the first token of a service is in it
  const { size: logged } = await stat(logFile);
  let stopping = false;
  let child: ChildProcess;
  let timer: NodeJS.Timeout | undefined;
  const run = (env: NodeJS.ProcessEnv) =>
    // Own process group: Ctrl-C in the terminal reaches only this process, which stops the others.
    // IPC channel: it closes if this process is killed, and the program then stops by itself.
    spawn(process.execPath, ['--enable-source-maps', program], {
      env: { ...ALLOCATOR, ...env },
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    });
  const stop = async () => {
    stopping = true;
    clearTimeout(timer);
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      await exited;
      clearTimeout(limit);
    }
    closeSync(log);
  };
  child = run(environment);
  const url = await started(child, signal).catch(async (error: unknown) => {
    await stop();
    if (error !== ENDED) throw error;
    const reason = reasonOf((await readFile(logFile)).subarray(logged).toString());
    throw new QibenchError('UNAVAILABLE', {
      what,
      reason: `${reason || `exit status ${child.exitCode}`}\n(its log is ${logFile})`,
    });
  });
  const restart = () => {
    if (stopping) return;
    timer = setTimeout(() => {
      child = run(restarted(url));
      child.once('exit', restart);
    }, RESTART_MS);
  };
  if (child.exitCode === null && child.signalCode === null) child.once('exit', restart);
  else restart();
  return { url, stop };
}

const ENDED = new Error('ended before its start');

/** Waits for the program's message. */
function started(child: ChildProcess, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(ENDED), START_LIMIT_MS);
    const settle = (done: () => void) => {
      clearTimeout(limit);
      signal.removeEventListener('abort', onAbort);
      done();
    };
    const onAbort = () => settle(() => reject(signal.reason as Error));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    child.once('message', (message) => settle(() => resolve((message as { url?: string }).url)));
    child.once('exit', () => settle(() => reject(ENDED)));
  });
}

/** Returns the lines of a log that say why a process ended. */
function reasonOf(log: string): string {
  return log
    .split('\n')
    .flatMap((line) => {
      if (!line.startsWith('{')) return line.trim() === '' ? [] : [line];
      try {
        const { level, msg, err } = JSON.parse(line) as {
          level?: string;
          msg?: string;
          err?: { message?: string };
        };
        return level === 'fatal' || level === 'error' ? [err?.message ?? msg ?? ''] : [];
      } catch {
        return [line];
      }
    })
    .slice(-REASON_LINES)
    .join('\n');
}
