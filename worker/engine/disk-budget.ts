import { statfs } from 'node:fs/promises';
import { forgetImage, imageUses } from '../../services/store/image-use.js';
import type { Store } from '../../services/store/store.js';
import type { Engine } from './engine.js';
import { evictions } from './evict.js';

/** Removing an image gives back what it shared with others only when those go too, so it is looked at again some times. */
const PASSES = 8;

export interface DiskBudgetSettings {
  /** Of everything that we keep on the engine; 0: no limit. */
  readonly budgetBytes: number;
  /** Free bytes of the engine's disk below which no job is begun; 0: not looked at. */
  readonly freeMinBytes: number;
}

/** Keeps what builds leave on an engine within a budget, and says whether there is room for a job. */
export interface DiskBudget {
  /** Removes what the budget and the free space ask for, as soon as nothing measures. Returns the names of what was removed. */
  evict(): Promise<string[]>;
  /** Why no job can be begun; null: there is room. */
  shortage(): Promise<string | null>;
  /** Whether the disk is so full that what a program has just written may not be whole: QEMU does not say so of its traces. */
  isFull(): Promise<boolean>;
}

const FULL_BYTES = 64 * 1024 ** 2;

/** With the host while nothing measures on it: counting and removing images keep disk and processors busy. */
export type Undisturbing = <T>(work: () => Promise<T>) => Promise<T>;

/** @param freeBytes of the engine's disk; null where it is another machine's */
export function diskBudget(
  store: Store,
  backend: Engine,
  settings: DiskBudgetSettings,
  undisturbing: Undisturbing,
  freeBytes: () => Promise<number | null> = freeOfEngine(backend),
): DiskBudget {
  async function excess(keptBytes: number): Promise<number> {
    const overBudget = settings.budgetBytes === 0 ? 0 : keptBytes - settings.budgetBytes;
    const free = settings.freeMinBytes === 0 ? null : await freeBytes();
    return Math.max(overBudget, free === null ? 0 : settings.freeMinBytes - free);
  }

  async function remove(): Promise<string[]> {
    const removed: string[] = [];
    const { id: engine } = await backend.engine();
    for (let pass = 0; pass < PASSES; pass += 1) {
      const { usedMs, runningSinceMs } = await imageUses(store, engine);
      const kept = (await backend.kept()).map((one) => ({
        ...one,
        usedMs: usedMs.get(one.name) ?? one.createdMs,
      }));
      const excessBytes = await excess(kept.reduce((sum, { bytes }) => sum + bytes, 0));
      const before = removed.length;
      for (const { name, kind } of excessBytes <= 0
        ? []
        : evictions(kept, excessBytes, runningSinceMs)) {
        if (!(await backend.removeKept(name, kind))) continue;
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
      const free = await freeBytes();
      return free !== null && free < FULL_BYTES;
    },
    async shortage() {
      if (settings.freeMinBytes === 0) return null;
      const free = await freeBytes();
      return free === null || free >= settings.freeMinBytes
        ? null
        : `Docker's disk has ${free} bytes left, and jobs are begun from ${settings.freeMinBytes} on (QIBENCH_DISK_FREE_MIN_BYTES)`;
    },
  };
}

/** Looked at while a job measures, so the engine is asked once. */
function freeOfEngine(backend: Engine): () => Promise<number | null> {
  let dataFolder: string | null = null;
  return async () => {
    dataFolder ??= (await backend.engine()).dataFolder;
    const disk = await statfs(dataFolder).catch(() => null);
    return disk === null ? null : disk.bavail * disk.bsize;
  };
}
