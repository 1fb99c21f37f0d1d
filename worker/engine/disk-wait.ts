import { setTimeout as after } from 'node:timers/promises';
import type { Log } from '../../services/telemetry/log.js';
import type { Heartbeat } from '../job/heartbeat.js';
import type { Room } from './disk-budget.js';

const LOOK_MS = 10_000;

/** Make room and wait until there is some; meanwhile the worker says what it lacks. False if it is to stop. What the engine or the database refuse is looked at again. */
export async function waitForRoom(
  room: Room,
  heartbeat: Pick<Heartbeat, 'update'>,
  log: Log,
  signal: AbortSignal,
  lookMs = LOOK_MS,
): Promise<boolean> {
  let said = false; // once is enough: what it lacks is shown with the worker
  while (!signal.aborted) {
    const lacking = await makeRoom(room, log);
    heartbeat.update({ notReady: lacking });
    if (lacking === null) return true;
    if (!said) log.warn({ lacking }, 'no job is begun');
    said = true;
    await after(lookMs, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

async function makeRoom(room: Room, log: Log): Promise<string | null> {
  try {
    for (const name of await room.make()) log.info({ image: name }, 'removed to make room');
    return await room.lacking();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
