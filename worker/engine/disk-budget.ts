// SPDX-License-Identifier: GPL-2.0-or-later
import { forgetImage, imageUses } from '#store/image-use.js';
import type { Store } from '#store/store.js';
import { inodesForJob, spaceOfEngine, type DiskSpace } from './disk-space.js';
import type { Engine } from './engine.js';
import { evictions } from './evict.js';

/**
 * Most eviction passes. Layers that images share become free only with the last of these images, so
 * one pass can free less than it expects.
 */
const PASSES = 8;

/** Limits of the disk budget. */
export interface DiskBudgetSettings {
  /** Limit for all cached images and volumes on the engine together; 0: no limit. */
  readonly budgetBytes: number;
  /** Free bytes on the engine's disk that a job needs to start; 0: not checked. */
  readonly freeMinBytes: number;
}

/** Keeps an engine's cached images within a budget and reports whether a job can start. */
export interface DiskBudget {
  /**
   * Removes cached images until the limits are met. Waits until no job measures on the host.
   * @returns Names of the removed images and volumes.
   */
  evict(): Promise<string[]>;
  /** Returns why a job cannot start; null: the disk has enough free space. */
  shortage(): Promise<string | null>;
  /**
   * Returns true if the disk is so full that the file of a program that just ended may be
   * truncated. QEMU does not report this for its traces.
   */
  isFull(): Promise<boolean>;
}

const FULL_BYTES = 64 * 1024 ** 2;

/**
 * Runs work while no job measures on the host: counting and removing images keep disk and
 * processors busy.
 */
export type Undisturbing = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Creates the disk budget of an engine.
 * @param space Returns the space of the engine's disk; null if the disk is on another machine.
 */
export function diskBudget(
  store: Store,
  backend: Engine,
  settings: DiskBudgetSettings,
  undisturbing: Undisturbing,
  space: () => Promise<DiskSpace | null> = spaceOfEngine(backend),
): DiskBudget {
  async function excess(keptBytes: number): Promise<number> {
    const overBudget = settings.budgetBytes === 0 ? 0 : keptBytes - settings.budgetBytes;
    const disk = settings.freeMinBytes === 0 ? null : await space();
    if (disk === null) return Math.max(overBudget, 0);
    // Any image takes inodes, too.
    const fewInodes = disk.freeInodes < inodesForJob(disk) ? 1 : 0;
    return Math.max(overBudget, settings.freeMinBytes - disk.freeBytes, fewInodes);
  }

  async function remove(): Promise<string[]> {
    const removed: string[] = [];
    const { id: engine } = await backend.engine();
    for (let pass = 0; pass < PASSES; pass += 1) {
      const { usedMs, runningSinceMs } = await imageUses(store, engine);
      const kept = (await backend.listCached()).map((image) => ({
        ...image,
        usedMs: usedMs.get(image.name) ?? image.createdMs,
      }));
      const excessBytes = await excess(kept.reduce((sum, { bytes }) => sum + bytes, 0));
      const before = removed.length;
      for (const { name, kind } of excessBytes <= 0
        ? []
        : evictions(kept, excessBytes, runningSinceMs)) {
        if (!(await backend.evict(name, kind))) continue;
        await forgetImage(store, engine, name);
        removed.push(name);
      }
      if (removed.length === before) break;
    }
    return removed;
  }

  return {
    async evict() {
      if (settings.budgetBytes === 0 && (await excess(0)) <= 0) return [];
      return undisturbing(remove);
    },
    async isFull() {
      const disk = await space();
      return disk !== null && (disk.freeBytes < FULL_BYTES || disk.freeInodes === 0);
    },
    async shortage() {
      if (settings.freeMinBytes === 0) return null;
      const disk = await space();
      if (disk === null) return null;
      if (disk.freeBytes < settings.freeMinBytes)
        return (
          `Docker's disk has ${disk.freeBytes} free bytes; a job needs ` +
          `${settings.freeMinBytes} to start (QIBENCH_DISK_FREE_MIN_BYTES)`
        );
      const needed = inodesForJob(disk);
      return disk.freeInodes >= needed
        ? null
        : `Docker's disk has ${disk.freeInodes} free inodes; a job needs ${needed} to start`;
    },
  };
}
