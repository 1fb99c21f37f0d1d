// SPDX-License-Identifier: GPL-2.0-or-later
import { recordImageUse } from '#store/image-use.js';
import type { Store } from '#store/store.js';
import type { Engine } from './engine.js';

/** Minimum interval between two records of one image: a job starts hundreds of its containers. */
const AGAIN_MS = 60_000;

/**
 * Wraps an engine and records the use of our images and of volumes that outlive jobs. A use is
 * recorded before the job relies on it.
 */
export function trackImageUse(backend: Engine, store: Store, now: () => number = Date.now): Engine {
  const recordedMs = new Map<string, number>();
  async function used(name: string): Promise<void> {
    if (!name.startsWith('qibench')) return;
    if (now() - (recordedMs.get(name) ?? -Infinity) < AGAIN_MS) return;
    const { id: engine } = await backend.engine();
    await recordImageUse(store, engine, name);
    recordedMs.set(name, now());
  }
  return {
    ...backend,
    async hasImage(tag) {
      await used(tag);
      return backend.hasImage(tag);
    },
    async create(spec) {
      await used(spec.image);
      return backend.create(spec);
    },
    async commit(container, tag, labels) {
      await backend.commit(container, tag, labels);
      await used(tag);
    },
    async createVolume(name, labels) {
      if (Object.keys(labels).length === 0) await used(name);
      return backend.createVolume(name, labels);
    },
  };
}
