// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import Docker from 'dockerode';
import tar from 'tar-stream';
import { recordSharedImage, sharedImageDigest } from '#store/shared-images.js';
import { openStore, type Store } from '#store/store.js';
import { Registry } from '#telemetry/metrics.js';
import { noTelemetry } from '#telemetry/telemetry.js';
import { LABEL, type Engine } from '#worker/engine/engine.js';
import { dockerBackend } from '#worker/engine/docker.js';
import type { RegistrySettings } from '#worker/engine/registry-settings.js';
import { openImageRegistry } from '#worker/engine/image-registry.js';
import { workerMetrics } from '#worker/telemetry/worker-metrics.js';
import { testEngine } from '#support/context.js';
import { REGISTRY_USER, startRegistry } from '#support/registry-process.js';

const docker = dockerBackend(testEngine());
const run = randomUUID().slice(0, 8);
const made: string[] = [];

let store: Store;
let registry: Awaited<ReturnType<typeof startRegistry>>;
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
  registry = await startRegistry();
}, 180_000);
afterAll(async () => {
  for (const tag of made) await docker.evict(tag, 'image');
  await registry.remove();
  await store.close();
});

/** A new worker at each call: it shares only the database. */
function sharing(
  signal = new AbortController().signal,
  now: () => number = Date.now,
  settings: RegistrySettings = { address: registry.address, credentials: null },
): Engine {
  return openImageRegistry(
    store,
    settings,
    noTelemetry().log,
    workerMetrics(new Registry()),
    now,
  ).backend(docker, signal);
}

/** Creates an image like a build's, through a backend. Its name is its only content. */
async function build(backend: Engine, tag: string, content = tag): Promise<void> {
  made.push(tag);
  const pack = tar.pack();
  pack.entry({ name: 'content' }, content);
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
  await backend.commit(container, tag, { [LABEL.key]: content });
  await docker.remove(container);
  await docker.evict(`${tag}-base`, 'image');
}

const newTag = () => `qibench/build:test-${run}-${randomUUID().slice(0, 8)}`;
const gone = (tag: string) => docker.evict(tag, 'image');

test(
  "a worker pulls an image that another built, with its labels, and leaves the registry's " +
    'names nowhere',
  async () => {
    const tag = newTag();
    await build(sharing(), tag);
    await gone(tag);
    expect(await docker.hasImage(tag)).toBe(false);

    expect(await sharing().hasImage(tag)).toBe(true);
    expect((await docker.imageLabels(tag))[LABEL.key]).toBe(tag);
    const { RepoTags: tags, RepoDigests: digests } = await new Docker().getImage(tag).inspect();
    expect([tags, digests]).toEqual([[tag], []]);
  },
);

test('an image built before the registry existed is shared at its next use', async () => {
  const tag = newTag();
  await build(docker, tag);

  await sharing().hasImage(tag);

  expect(await sharedImageDigest(store, registry.address, tag)).toMatch(/^sha256:/);
});

test('a foreign image under the same name in the registry is rejected', async () => {
  const tag = newTag();
  await build(sharing(), tag);
  const digest = (await sharedImageDigest(store, registry.address, tag))!;
  await gone(tag);
  await build(sharing(), tag, 'planted');
  expect(await sharedImageDigest(store, registry.address, tag)).not.toBe(digest);
  await recordSharedImage(store, registry.address, tag, digest);
  await gone(tag);

  await sharing().hasImage(tag);

  expect((await docker.imageLabels(tag))[LABEL.key]).toBe(tag);
});

test('a damaged image in the registry is rejected, and the worker builds the image itself', async () => {
  const tag = newTag();
  await build(sharing(), tag, randomUUID().repeat(100));
  await gone(tag);
  const blobs = (await readdir(registry.folder, { recursive: true }))
    .filter((path) => path.includes('/blobs/sha256/') && path.endsWith('/data'))
    .map((path) => join(registry.folder, path));
  const ages = await Promise.all(
    blobs.map(async (path) => ({
      path,
      ms: (await stat(path)).mtimeMs,
      head: (await readFile(path)).subarray(0, 2).toString('hex'),
    })),
  );
  const layer = ages.filter(({ head }) => head === '1f8b').sort((a, b) => b.ms - a.ms)[0]!.path;
  const bytes = await readFile(layer);
  bytes[bytes.length - 6]! ^= 0xff;
  await writeFile(layer, bytes);

  expect(await sharing().hasImage(tag)).toBe(false);
  expect(await docker.hasImage(tag)).toBe(false);
});

test('without the registry a worker builds, and retries the registry only after a while', async () => {
  const [shared, unshared] = [newTag(), newTag()];
  await build(sharing(), shared);
  await gone(shared);
  let nowMs = 0;
  const worker = sharing(undefined, () => nowMs);
  await registry.stop();
  try {
    expect(await worker.hasImage(shared)).toBe(false);
    await build(worker, unshared);
    expect(await docker.hasImage(unshared)).toBe(true);
    expect(await sharedImageDigest(store, registry.address, unshared)).toBeNull();
  } finally {
    await registry.start();
  }
  expect(await worker.hasImage(shared)).toBe(false);
  nowMs = 60_000;
  expect(await worker.hasImage(shared)).toBe(true);
  expect(await worker.hasImage(unshared)).toBe(true);
  expect(await sharedImageDigest(store, registry.address, unshared)).not.toBeNull();
});

test('a cancelled job does not wait for the registry', async () => {
  const tag = newTag();
  await build(sharing(), tag);
  await gone(tag);

  await expect(sharing(AbortSignal.abort(new Error('cancelled'))).hasImage(tag)).rejects.toThrow(
    'cancelled',
  );
});

test(
  "a registry with authentication accepts the worker's credentials; without them, or with " +
    'others, a worker builds',
  async () => {
    const asking = await startRegistry({ asks: true });
    try {
      const as = (credentials: RegistrySettings['credentials']) =>
        sharing(undefined, undefined, { address: asking.address, credentials });
      const tag = newTag();
      await build(as(null), tag);
      expect(await sharedImageDigest(store, asking.address, tag)).toBeNull();
      await as(REGISTRY_USER).hasImage(tag);
      expect(await sharedImageDigest(store, asking.address, tag)).toMatch(/^sha256:/);
      await gone(tag);

      expect(await as(null).hasImage(tag)).toBe(false);
      expect(await as({ ...REGISTRY_USER, password: 'a guess' }).hasImage(tag)).toBe(false);
      expect(await as(REGISTRY_USER).hasImage(tag)).toBe(true);
      expect((await docker.imageLabels(tag))[LABEL.key]).toBe(tag);
    } finally {
      await asking.remove();
    }
  },
);
