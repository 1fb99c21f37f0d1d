// SPDX-License-Identifier: GPL-2.0-or-later
import pg from 'pg';
import { connectionOf } from './connection.js';
import type { Store } from './store.js';

const RECONNECT_MS = 1_000;

/**
 * Calls back for every notification of a channel, until the returned function is called. Reconnects
 * after a failure and then calls back once with `''`.
 */
export async function listen(
  store: Pick<Store, 'databaseUrl'>,
  channel: string,
  onNotify: (payload: string) => void,
): Promise<() => Promise<void>> {
  let stopped = false;
  let client: pg.Client | null = null;

  async function connect(): Promise<void> {
    const next = new pg.Client({ ...connectionOf(store.databaseUrl), keepAlive: true });
    next.on('notification', (message) => onNotify(message.payload ?? ''));
    next.on('error', () => undefined);
    try {
      await next.connect();
      await next.query(`LISTEN ${channel}`);
    } catch (error) {
      await next.end().catch(() => undefined);
      throw error;
    }
    // Registered last: a connection that fails also emits `end`, which would start a second retry.
    next.once('end', later);
    client = next;
  }

  function later(): void {
    if (!stopped) setTimeout(() => void reconnect(), RECONNECT_MS).unref();
  }

  async function reconnect(): Promise<void> {
    if (stopped) return;
    try {
      await connect();
      onNotify(''); // notifications sent meanwhile were missed
    } catch {
      later();
    }
  }

  await connect();
  return async () => {
    stopped = true;
    await client?.end();
  };
}
