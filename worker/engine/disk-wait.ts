import { setTimeout as after } from 'node:timers/promises';
import type { Log } from '../../services/telemetry/log.js';
import type { Heartbeat } from '../job/heartbeat.js';
import type { DiskBudget } from './disk-budget.js';

const LOOK_MS = 10_000;

/**
 * Removes what the disk budget asks for and waits until there is room; meanwhile the worker reports the shortage. What
 * the engine or the database refuse is tried again.
 *
 * @returns false if the worker is to stop
 */
export async function waitForDisk(
  disk: DiskBudget,
  heartbeat: Pick<Heartbeat, 'update'>,
  log: Log,
  signal: AbortSignal,
  lookMs = LOOK_MS,
): Promise<boolean> {
  let said = false; // once is enough: what it lacks is shown with the worker
  while (!signal.aborted) {
    const shortage = await makeRoom(disk, log);
    heartbeat.update({ notReady: shortage });
    if (shortage === null) return true;
    if (!said) log.warn({ shortage }, 'no job is begun');
    said = true;
    await after(lookMs, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

async function makeRoom(disk: DiskBudget, log: Log): Promise<string | null> {
  try {
    for (const name of await disk.evict()) log.info({ image: name }, 'removed to make room');
    return await disk.shortage();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
