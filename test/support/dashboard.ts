// SPDX-License-Identifier: GPL-2.0-or-later
import type { Browser } from 'playwright-core';
import type { Client } from '#cli/client.js';
import { openStore, type Store } from '#store/store.js';
import { startApi } from './api-process.js';
import { startBrowser, visitor, type Visitor } from './browser.js';

/** A dashboard on the stores of the tests, and a real browser. */
export interface Dashboard {
  readonly store: Store;
  readonly client: Client;
  /** Opens a page in a context of its own. Closing the browser removes it. */
  open(path: string, options?: Parameters<typeof visitor>[2]): Promise<Visitor>;
  stop(): Promise<void>;
}

export async function startDashboard(): Promise<Dashboard> {
  const store = await openStore(process.env.TEST_DATABASE_URL!);
  const [api, browser]: [Awaited<ReturnType<typeof startApi>>, Browser] = await Promise.all([
    startApi(),
    startBrowser(),
  ]);
  return {
    store,
    client: api.client,
    async open(path, options = {}) {
      const opened = await visitor(browser, api.client.server, options);
      await opened.page.goto(path);
      return opened;
    },
    async stop() {
      await browser.close();
      await api.stop();
      await store.close();
    },
  };
}
