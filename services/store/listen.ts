import pg from 'pg';
import type { Store } from './store.js';

const RECONNECT_MS = 1_000;

/** Call back for every notification of a channel, until the returned function is called; reconnects by itself, and then calls back once with ''. */
export async function listen(store: Store, channel: string, onNotify: (payload: string) => void): Promise<() => Promise<void>> {
  let stopped = false;
  let client: pg.Client | null = null;

  async function connect(): Promise<void> {
    const next = new pg.Client({ connectionString: store.databaseUrl });
    next.on('notification', (message) => onNotify(message.payload ?? ''));
    next.on('error', () => undefined);
    next.on('end', () => {
      if (!stopped) setTimeout(() => void reconnect(), RECONNECT_MS).unref();
    });
    await next.connect();
    await next.query(`LISTEN ${channel}`);
    client = next;
  }

  async function reconnect(): Promise<void> {
    if (stopped) return;
    try {
      await connect();
      onNotify(''); // whatever was said meanwhile was not heard
    } catch {
      if (!stopped) setTimeout(() => void reconnect(), RECONNECT_MS).unref();
    }
  }

  await connect();
  return async () => {
    stopped = true;
    await client?.end();
  };
}
