// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import tar from 'tar-stream';
import { acceptJob, claimJob } from '#store/jobs.js';
import { openStore, type Store } from '#store/store.js';
import { LABEL, type Engine } from '#worker/engine/engine.js';
import { dockerBackend } from '#worker/engine/docker.js';
import { trackImageUse } from '#worker/engine/image-use.js';
import { lockHost } from '#worker/host/lock.js';
import { diskBudget, type Undisturbing } from '#worker/engine/disk-budget.js';
import { waitForDisk } from '#worker/engine/disk-wait.js';
import { noTelemetry } from '#telemetry/telemetry.js';
import { testEngine } from '#support/context.js';
import { jobPlan } from '#support/job-plan.js';
import { jobRequest } from '#support/job-request.js';

const atOnce: Undisturbing = (work) => work();
const run = randomUUID().slice(0, 8);
const tags = ['a', 'b', 'c'].map((name) => `qibench/build:test-${run}-${name}`);
const docker = dockerBackend(testEngine());
/** Restricts the engine, which others use too, to this test's own images. */
const engine: Engine = {
  ...docker,
  listCached: async () => (await docker.listCached()).filter(({ name }) => name.includes(run)),
};

let store: Store;
beforeAll(async () => void (store = await openStore(process.env.TEST_DATABASE_URL!)));
afterAll(async () => {
  for (const tag of [...tags, `qibench-others:${run}`]) await docker.evict(tag, 'image');
  await store.close();
});
beforeEach(async () => {
  await store.pool.query(
    "UPDATE job SET state = 'failed' WHERE state IN ('building', 'measuring')",
  );
  await store.pool.query('DELETE FROM image_use');
  for (const [index, tag] of tags.entries()) await makeImage(tag, 1_000_000 + index);
});

/** An image as builds make it: committed from a container. */
async function makeImage(tag: string, bytes: number): Promise<void> {
  if (await docker.hasImage(tag)) return;
  const pack = tar.pack();
  pack.entry({ name: 'content' }, Buffer.alloc(bytes, tag));
  pack.finalize();
  await docker.importImage(pack as unknown as Readable, `${tag}-base`);
  const container = await docker.create({
    image: `${tag}-base`,
    command: ['true'],
    user: '0:0',
    network: 'none',
    readOnlyRoot: false,
    memoryBytes: 64 * 1024 ** 2,
    pids: 8,
    fileBytes: 1024 ** 2,
    labels: {},
  });
  await docker.commit(container, tag, { [LABEL.key]: tag });
  await docker.remove(container);
  await docker.evict(`${tag}-base`, 'image');
}

const there = async () => Promise.all(tags.map((tag) => docker.hasImage(tag)));
const useAll = async () => {
  const backend = trackImageUse(engine, store);
  for (const tag of [tags[1]!, tags[0]!, tags[2]!]) await backend.hasImage(tag);
};

test(
  'above the disk budget the least recently used image is removed, and returns with the next ' +
    'build',
  async () => {
    await useAll();
    const kept = (await engine.listCached()).reduce((sum, { bytes }) => sum + bytes, 0);
    const disk = diskBudget(store, engine, { budgetBytes: kept - 1, freeMinBytes: 0 }, atOnce);

    expect(await disk.evict()).toEqual([tags[1]]);
    expect(await there()).toEqual([true, false, true]);
    expect(await disk.evict()).toEqual([]);

    await makeImage(tags[1]!, 1_000_001);
    expect(await there()).toEqual([true, true, true]);
  },
  60_000,
);

test('images of a running job stay, although the budget is too small', async () => {
  const { job } = await acceptJob(store, {
    request: jobRequest({ name: 'room' }),
    plan: jobPlan({ variants: [], workloads: [] }),
    requestDigest: 'd',
  });
  await trackImageUse(engine, store).hasImage(tags[2]!);
  await store.pool.query("UPDATE image_use SET used_at = now() - interval '1 hour'");
  await claimJob(store, job.id, 'w');
  await trackImageUse(engine, store).hasImage(tags[0]!);
  await store.pool.query("INSERT INTO image_use VALUES ($1, $2, now() - interval '2 hours')", [
    (await docker.engine()).id,
    tags[1],
  ]);

  expect(
    await diskBudget(store, engine, { budgetBytes: 1, freeMinBytes: 0 }, atOnce).evict(),
  ).toEqual([tags[1], tags[2]]);
  expect(await there()).toEqual([true, false, false]);
}, 60_000);

test('an image used by a container stays, and so does an image of another owner', async () => {
  const container = await docker.create({
    image: tags[0]!,
    command: ['true'],
    user: '0:0',
    network: 'none',
    readOnlyRoot: false,
    memoryBytes: 64 * 1024 ** 2,
    pids: 8,
    fileBytes: 1024 ** 2,
    labels: {},
  });
  const pack = tar.pack();
  pack.finalize();
  await docker.importImage(pack as unknown as Readable, `qibench-others:${run}`);
  try {
    expect((await engine.listCached()).map(({ name }) => name).sort()).toEqual(tags);
    await diskBudget(store, engine, { budgetBytes: 1, freeMinBytes: 0 }, atOnce).evict();
    expect(await there()).toEqual([true, false, false]);
  } finally {
    await docker.remove(container);
  }
}, 60_000);

test(
  'images are evicted while builds run, but neither counted nor evicted while a job measures ' +
    'on the host',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'qibench-room-'));
    const { signal } = new AbortController();
    let counted = 0;
    const disk = diskBudget(
      store,
      { ...engine, listCached: async () => ((counted += 1), []) },
      { budgetBytes: 1, freeMinBytes: 0 },
      async (work) => {
        await using _host = await lockHost(folder, 'build', signal, () => waits.emit('waits'));
        return work();
      },
    );
    const waits = new EventEmitter();
    try {
      const building = await lockHost(folder, 'build', signal);
      await disk.evict();
      expect(counted).toBe(1);
      await building[Symbol.asyncDispose]();

      const measuring = await lockHost(folder, 'measure', signal);
      const waiting = once(waits, 'waits');
      const made = disk.evict();
      await waiting;
      expect(counted).toBe(1);
      await measuring[Symbol.asyncDispose]();
      await made;
      expect(counted).toBe(2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

test('without disk space a worker waits and reports why, and continues when there is space', async () => {
  let freeBytes = 10;
  const reports: (string | null | undefined)[] = [];
  const nothing: Engine = { ...engine, listCached: async () => [] };
  const disk = diskBudget(
    store,
    nothing,
    { budgetBytes: 0, freeMinBytes: 100 },
    atOnce,
    async () => ({ freeBytes, freeInodes: 1e6, bytes: 1e12, inodes: 1e7 }),
  );
  const heartbeat = {
    update: ({ notReady }: { notReady?: string | null }) =>
      void (reports.push(notReady), (freeBytes = reports.length < 3 ? 10 : 100)),
  };

  expect(
    await waitForDisk(disk, heartbeat, noTelemetry().log, new AbortController().signal, 1),
  ).toBe(true);
  expect(reports.at(-1)).toBeNull();
  expect(reports[0]).toContain('10 free bytes');

  freeBytes = 10;
  const stop = new AbortController();
  expect(
    await waitForDisk(disk, { update: () => stop.abort() }, noTelemetry().log, stop.signal, 60_000),
  ).toBe(false);
});
