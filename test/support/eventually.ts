// SPDX-License-Identifier: GPL-2.0-or-later
import { setTimeout as after } from 'node:timers/promises';

const LIMIT_MS = 60_000;
const INTERVAL_MS = 200;

/**
 * Repeats expectations until they hold: about a state that the service reaches soon after an answer,
 * such as the removal of a job's volumes.
 *
 * @throws The last failure, after a minute.
 */
export async function eventually(expectations: () => void | Promise<void>): Promise<void> {
  const endMs = performance.now() + LIMIT_MS;
  for (;;)
    try {
      return await expectations();
    } catch (error) {
      if (performance.now() >= endMs) throw error;
      await after(INTERVAL_MS);
    }
}
