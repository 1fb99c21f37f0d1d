// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { markedProcesses } from '#support/marked-processes.js';

const READINGS = 10;
const BETWEEN_MS = 2_000;

/** What a part of the service holds, summed over its processes. */
export interface Holding {
  /** Proportional set size: memory that processes share counts once. */
  readonly memoryBytes: number;
  /** Open descriptors. */
  readonly handles: number;
  readonly threads: number;
}

const PARTS: Readonly<Record<string, RegExp>> = {
  API: /\bapi\/main\.js/,
  worker: /\bworker\/main\.js/,
  'qibench up': /\bsoak\.js/,
  Redis: /redis-server/,
  Postgres: /\bpostgres\b/,
};

/**
 * Returns what each part of an idle service holds: the least of several readings, since garbage is
 * not a leak.
 * @param mark Mark of all processes of the service.
 */
export async function holdings(mark: string): Promise<Record<string, Holding>> {
  const least: Record<string, Holding> = {};
  for (let reading = 0; reading < READINGS; reading += 1) {
    for (const [part, holding] of Object.entries(read(mark))) {
      const before = least[part] ?? holding;
      least[part] = {
        memoryBytes: Math.min(before.memoryBytes, holding.memoryBytes),
        handles: Math.min(before.handles, holding.handles),
        threads: Math.min(before.threads, holding.threads),
      };
    }
    await after(BETWEEN_MS);
  }
  return least;
}

function read(mark: string): Record<string, Holding> {
  const processes = [
    ...markedProcesses(mark),
    { pid: process.pid, command: process.argv.join(' ') },
  ];
  const sums: Record<string, Holding> = {};
  for (const { pid, command } of processes) {
    const part = Object.keys(PARTS).find((name) => PARTS[name]!.test(command));
    const holding = part === undefined ? null : holdingOf(pid);
    if (part === undefined || holding === null) continue;
    const sum = sums[part] ?? { memoryBytes: 0, handles: 0, threads: 0 };
    sums[part] = {
      memoryBytes: sum.memoryBytes + holding.memoryBytes,
      handles: sum.handles + holding.handles,
      threads: sum.threads + holding.threads,
    };
  }
  return sums;
}

function holdingOf(pid: number): Holding | null {
  try {
    const memory = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return {
      memoryBytes: Number(/^Pss: +(\d+) kB/m.exec(memory)![1]) * 1024,
      handles: readdirSync(`/proc/${pid}/fd`).length,
      threads: readdirSync(`/proc/${pid}/task`).length,
    };
  } catch {
    return null; // it has ended
  }
}
