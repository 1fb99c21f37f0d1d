// SPDX-License-Identifier: GPL-2.0-or-later
import { setTimeout as after } from 'node:timers/promises';
import type { Log } from '#telemetry/log.js';
import type { Heartbeat } from '../job/heartbeat.js';
import type { DiskBudget } from './disk-budget.js';

const LOOK_MS = 10_000;

/**
 * Evicts cached images and waits until the disk has enough free space for a job. Meanwhile the
 * heartbeat reports the shortage. Errors of the engine or the database are retried.
 *
 * @returns False if the worker must stop.
 */
export async function waitForDisk(
  disk: DiskBudget,
  heartbeat: Pick<Heartbeat, 'update'>,
  log: Log,
  signal: AbortSignal,
  lookMs = LOOK_MS,
): Promise<boolean> {
  let logged = false; // logged once; the worker's state shows the shortage meanwhile
  while (!signal.aborted) {
    const shortage = await makeRoom(disk, log);
    heartbeat.update({ notReady: shortage });
    if (shortage === null) return true;
    if (!logged) log.warn({ shortage }, 'claiming paused: disk space is short');
    logged = true;
    await after(lookMs, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

async function makeRoom(disk: DiskBudget, log: Log): Promise<string | null> {
  try {
    for (const name of await disk.evict()) log.info({ image: name }, 'cached image evicted');
    return await disk.shortage();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
