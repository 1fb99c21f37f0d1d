// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile } from 'node:fs/promises';
import type Docker from 'dockerode';
import { call } from './docker-call.js';

/** Exit status of a process that SIGKILL ended. */
export const KILLED = 137;

interface Life {
  readonly StartedAt: string;
  readonly FinishedAt: string;
}

/**
 * Starts to watch for the cause of a container's death by SIGKILL.
 * @returns Function that tells, after its end, whether code in the container killed its first
 *   process: the engine remembers the container's start and no signal to it, and the host has
 *   killed no process for lack of memory.
 */
export async function watchForKill(
  docker: Docker,
  id: string,
): Promise<(life: Life) => Promise<boolean>> {
  const before = await outOfMemoryKills();
  return async (life) => {
    if ((await outOfMemoryKills()) !== before) return false;
    const actions = await call('events', () => actionsOf(docker, id, life));
    return actions.has('start') && !actions.has('kill') && !actions.has('oom');
  };
}

/** Returns the engine's events of a container; it keeps the newest 256 of all containers. */
async function actionsOf(
  docker: Docker,
  id: string,
  { StartedAt, FinishedAt }: Life,
): Promise<ReadonlySet<string>> {
  const stream = await docker.getEvents({
    since: Math.floor(Date.parse(StartedAt) / 1_000) - 1,
    until: Math.ceil(Date.parse(FinishedAt) / 1_000) + 1,
    filters: { container: [id] },
  });
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return new Set(
    text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => (JSON.parse(line) as { Action?: string }).Action ?? ''),
  );
}

/** Returns how many processes the kernel has killed for lack of memory; '' if it does not count. */
async function outOfMemoryKills(): Promise<string> {
  const text = await readFile('/proc/vmstat', 'utf8').catch(() => '');
  return /^oom_kill (\d+)$/m.exec(text)?.[1] ?? '';
}
