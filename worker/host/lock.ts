import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QibenchError } from '../../services/contract/error.js';

/** Builds share the host; who measures has it alone. */
export type HostUse = 'build' | 'measure';

/** A lock that is held until it is disposed of. */
export type HostLock = AsyncDisposable;

/**
 * The host, for one use, among all processes that name the same folder: any number of builds, or one that measures.
 *
 * Locks are flock(2)'s. flock(1) locks a descriptor that this process opened and shares with it, so the lock is this
 * process's: the kernel lifts it when the process ends, however it ends. Whoever waits for the host holds the door,
 * so those who come later queue behind: a stream of builds does not keep out one that wants to measure.
 *
 * @param folder on a file system of the host; workers in containers mount the same one
 * @param onWait called once, if the host is not to be had at once
 * @throws QibenchError BAD_SETTING if the files cannot be opened or locked; the signal's reason
 */
export async function lockHost(
  folder: string,
  use: HostUse,
  signal: AbortSignal,
  onWait: () => void = () => undefined,
): Promise<HostLock> {
  let waited = false;
  const onFirstWait = () => {
    if (!waited) onWait();
    waited = true;
  };
  const door = await takeLock(join(folder, 'qibench-host.door'), '-x', signal, onFirstWait);
  try {
    return await takeLock(
      join(folder, 'qibench-host'),
      use === 'measure' ? '-x' : '-s',
      signal,
      onFirstWait,
    );
  } finally {
    await door[Symbol.asyncDispose]();
  }
}

/** Where locks are unless a setting says otherwise: the same folder for every process of the host. */
export function lockFolderOfHost(): string {
  return process.env.QIBENCH_LOCK_DIR ?? (existsSync('/run/lock') ? '/run/lock' : tmpdir());
}

/**
 * Locks a build on this host: one process at a time holds the lock of a name.
 *
 * @param name of few; each leaves an empty file in the folder
 * @param onWait called once, if another process has it
 * @throws as `lockHost`
 */
export async function acquireBuildLock(
  folder: string,
  name: string,
  signal: AbortSignal,
  onWait: () => void,
): Promise<HostLock> {
  return takeLock(join(folder, `qibench-make-${name}`), '-x', signal, onWait);
}

async function takeLock(
  path: string,
  mode: '-x' | '-s',
  signal: AbortSignal,
  onWait: () => void,
): Promise<HostLock> {
  const file = await openLockFile(path);
  try {
    if (!(await flock(file, [mode, '-n'], signal))) {
      onWait();
      await flock(file, [mode], signal);
    }
    return { [Symbol.asyncDispose]: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Made if it is not there, for every user: a worker of another user only needs to read it. */
async function openLockFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r').catch(() => open(path, 'a+', 0o644));
  } catch (error) {
    throw new QibenchError(
      'BAD_SETTING',
      { setting: 'QIBENCH_LOCK_DIR', reason: String(error) },
      { cause: error },
    );
  }
}

const CONFLICT = 1;

/** False if the lock is another's and the arguments say not to wait. */
async function flock(
  file: FileHandle,
  options: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  signal.throwIfAborted();
  const child = spawn('flock', [...options, '3'], {
    stdio: ['ignore', 'ignore', 'pipe', file.fd],
    signal,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    signal.throwIfAborted();
    if (status === 0) return true;
    if (status === CONFLICT && options.includes('-n')) return false;
    throw new QibenchError('BAD_SETTING', {
      setting: 'QIBENCH_LOCK_DIR',
      reason: `flock failed: ${said.trim() || `exit status ${status}`}`,
    });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof QibenchError) throw error;
    throw new QibenchError(
      'BAD_SETTING',
      { setting: 'PATH', reason: `flock(1) of util-linux cannot be run: ${String(error)}` },
      { cause: error },
    );
  }
}
