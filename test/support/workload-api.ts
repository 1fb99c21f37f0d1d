// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import type { Client, ServiceError } from '#cli/client.js';
import type { MissingChunks } from '#contract/workload-upload.js';
import { openStore, type Store } from '#store/store.js';
import { startClosedApi, type ClosedApi } from './closed-api.js';
import { ownDatabase } from './own-database.js';

export interface WorkloadApi {
  readonly api: ClosedApi;
  readonly store: Store;
  readonly databaseUrl: string;
  /** Returns a client with a token of a project, by default a new one. */
  projectClient(project?: string): Promise<{ client: Client; project: string }>;
  /** Number of stored chunks. */
  stored(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts an API that requires tokens, with a database of its own. */
export async function startWorkloadApi(
  purpose: string,
  settings: Record<string, string> = {},
): Promise<WorkloadApi> {
  const database = await ownDatabase(purpose);
  process.env.TEST_DATABASE_URL = database.url;
  const api = await startClosedApi({
    DATABASE_URL: database.url,
    QIBENCH_REQUESTS_PER_MINUTE: '100000',
    ...settings,
  });
  const store = await openStore(database.url);
  return {
    api,
    store,
    databaseUrl: database.url,
    async projectClient(project = `p-${randomUUID()}`) {
      return { client: (await api.token({ project })).client, project };
    },
    async stored() {
      const { rows } = await store.pool.query<{ chunks: number }>(
        'SELECT count(*)::int AS chunks FROM chunk',
      );
      return rows[0]!.chunks;
    },
    async stop() {
      await store.close();
      await api.stop();
      await database.drop();
    },
  };
}

/** A job of one variant with this workload. */
export const requestWith = (workload: object, more: object = {}) => ({
  name: 'own guest',
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  variants: ['none'],
  workloads: [workload],
  blocks: 6,
  ...more,
});

/** Returns the code with which the service refuses a request. */
export const refused = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'accepted',
    (error: unknown) => (error as ServiceError).code,
  );

/** Returns the chunks that the client's project has not sent. */
export const missingOf = async (client: Client, digests: readonly string[]) =>
  (await client.post<MissingChunks>('/v1/chunks/missing', { digests })).missing;
