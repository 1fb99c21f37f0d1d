import { setTimeout as after } from 'node:timers/promises';
import type { Presence } from '../presence.js';
import type { Room } from './room.js';

const LOOK_MS = 10_000;

/** Make room and wait until there is some; meanwhile the worker says what it lacks. False if it is to stop. What the engine or the database refuse is looked at again. */
export async function waitForRoom(room: Room, presence: Pick<Presence, 'doing'>, signal: AbortSignal, lookMs = LOOK_MS): Promise<boolean> {
  while (!signal.aborted) {
    const lacking = await makeRoom(room);
    presence.doing({ notReady: lacking });
    if (lacking === null) return true;
    console.error(`no job is begun: ${lacking}`);
    await after(lookMs, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

async function makeRoom(room: Room): Promise<string | null> {
  try {
    for (const name of await room.make()) console.log(`removed to make room: ${name}`);
    return await room.lacking();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
