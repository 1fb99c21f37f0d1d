// SPDX-License-Identifier: GPL-2.0-or-later
import { statfs } from 'node:fs/promises';
import type { Engine } from './engine.js';

/** Free space of a disk. Files need inodes, whose number most file systems fix when made. */
export interface DiskSpace {
  readonly freeBytes: number;
  readonly freeInodes: number;
  readonly bytes: number;
  /** Infinity where the file system has no fixed number. */
  readonly inodes: number;
}

/** Free part of a disk at which containers are killed, and the most that it needs to be. */
const FLOOR = { part: 1 / 50, bytes: 512 * 1024 ** 2, inodes: 20_000 };
/** The same for inodes at the start of a job. */
const JOB_INODES = { part: 1 / 20, inodes: 100_000 };

/**
 * Returns a function that reads the space of an engine's disk; null if the disk is on another
 * machine. Queries the engine only once, because this runs while a job measures.
 */
export function spaceOfEngine(backend: Pick<Engine, 'engine'>): () => Promise<DiskSpace | null> {
  let dataFolder: string | null = null;
  return async () => {
    dataFolder ??= (await backend.engine()).dataFolder;
    const disk = await statfs(dataFolder).catch(() => null);
    if (disk === null) return null;
    return {
      freeBytes: disk.bavail * disk.bsize,
      freeInodes: disk.files === 0 ? Infinity : disk.ffree,
      bytes: disk.blocks * disk.bsize,
      inodes: disk.files === 0 ? Infinity : disk.files,
    };
  };
}

/** Returns what of a disk is nearly used up, so that everything on it is at risk; else null. */
export function belowFloor({ freeBytes, freeInodes, bytes, inodes }: DiskSpace): string | null {
  if (freeBytes < Math.min(FLOOR.bytes, bytes * FLOOR.part)) return `${freeBytes} free bytes`;
  if (freeInodes < Math.min(FLOOR.inodes, inodes * FLOOR.part)) return `${freeInodes} free inodes`;
  return null;
}

/** Returns the free inodes that a disk needs for a job to start. */
export const inodesForJob = ({ inodes }: DiskSpace): number =>
  Math.min(JOB_INODES.inodes, Math.floor(inodes * JOB_INODES.part));
