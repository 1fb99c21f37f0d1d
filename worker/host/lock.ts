// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { open, rm, stat, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QibenchError } from '#contract/error.js';

/** Use of the host: builds share it, a measuring job has it alone. */
export type HostUse = 'build' | 'measure';

/** A lock; disposing releases it. */
export type HostLock = AsyncDisposable;

/**
 * Locks the host for one use, among all processes that use the same folder: any number of builds,
 * or one measuring job.
 *
 * Locks are flock(2)'s. flock(1) locks a descriptor that this process opened and shares with it, so
 * the lock belongs to this process, and the kernel releases it when the process ends for any
 * reason. A process that waits for the host holds a second lock, the door, so that later processes
 * queue behind it: a stream of builds cannot starve a measuring job.
 *
 * @param folder Folder on a file system of the host; workers in containers mount the same one.
 * @param onWait Called once if the host is busy.
 * @throws {BAD_SETTING} The files cannot be opened or locked.
 * @throws The signal's reason when it aborts.
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

/**
 * Returns the folder of the lock files. A user who could open them could keep every job from
 * measuring, so without the setting it is a folder of this user alone, which is created.
 *
 * @param setting QIBENCH_LOCK_DIR; null: a folder that the host's workers share.
 * @param parent Folder that all users may write to.
 * @throws {BAD_SETTING} The setting names no folder, or the own folder belongs to another user or is
 *   open to others.
 */
export function lockFolderOfHost(
  setting: string | null,
  parent = existsSync('/run/lock') ? '/run/lock' : tmpdir(),
): string {
  if (setting !== null) {
    if (!isFolder(setting))
      throw new QibenchError('BAD_SETTING', {
        setting: 'QIBENCH_LOCK_DIR',
        reason: `${setting} is not a folder`,
      });
    return setting;
  }
  const folder = join(parent, 'qibench');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid!() || (found.mode & 0o077) !== 0)
    throw new QibenchError('BAD_SETTING', {
      setting: 'QIBENCH_LOCK_DIR',
      reason:
        `${folder} is not a folder of this user alone; remove it, or name a folder that only the ` +
        'users of workers can open',
    });
  return folder;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/**
 * Locks a build on this host: one process at a time has the lock of a name. The file goes with the
 * lock, because names are many.
 *
 * @param onWait Called once if another process has the lock.
 * @throws The errors of `lockHost`.
 */
export async function acquireBuildLock(
  folder: string,
  name: string,
  signal: AbortSignal,
  onWait: () => void,
): Promise<HostLock> {
  const path = join(folder, `qibench-make-${name}`);
  let waited = false;
  const onFirstWait = () => {
    if (!waited) onWait();
    waited = true;
  };
  for (;;) {
    const file = await lockFile(path, '-x', signal, onFirstWait);
    if (await isAt(file, path))
      return {
        async [Symbol.asyncDispose]() {
          // In a folder for all users, a file of another user stays.
          await rm(path, { force: true }).catch(() => undefined);
          await file.close();
        },
      };
    // The process that had the lock removed this file: the lock is another file by now.
    await file.close();
  }
}

/** Returns whether an open file still has its path. */
async function isAt(file: FileHandle, path: string): Promise<boolean> {
  const [opened, found] = [await file.stat(), await stat(path).catch(() => null)];
  return found !== null && opened.ino === found.ino && opened.dev === found.dev;
}

async function takeLock(
  path: string,
  mode: '-x' | '-s',
  signal: AbortSignal,
  onWait: () => void,
): Promise<HostLock> {
  const file = await lockFile(path, mode, signal, onWait);
  return { [Symbol.asyncDispose]: () => file.close() };
}

async function lockFile(
  path: string,
  mode: '-x' | '-s',
  signal: AbortSignal,
  onWait: () => void,
): Promise<FileHandle> {
  const file = await openLockFile(path);
  try {
    if (!(await flock(file, [mode, '-n'], signal))) {
      onWait();
      await flock(file, [mode], signal);
    }
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Opens a lock file. Creates it readable for all users who reach the folder: another user's worker
 * only reads it.
 */
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

/** Runs flock(1). Returns false if another process has the lock and the options forbid waiting. */
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
  let output = '';
  child.stderr!.on('data', (chunk: Buffer) => (output += chunk.toString()));
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    signal.throwIfAborted();
    if (status === 0) return true;
    if (status === CONFLICT && options.includes('-n')) return false;
    throw new QibenchError('BAD_SETTING', {
      setting: 'QIBENCH_LOCK_DIR',
      reason: `flock failed: ${output.trim() || `exit status ${status}`}`,
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
