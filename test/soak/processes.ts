// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';

/** The API's compute threads end after a minute without a task, connections earlier. */
const UNTIL_IDLE_MS = 90_000;
const READINGS = 10;
const BETWEEN_MS = 2_000;

/** What a part of the service holds, summed over its processes. */
export interface Holding {
  /**
   * Anonymous memory; a page that processes share counts once. Files of programs and Postgres' shared
   * buffers, which fill up to their set size, do not count.
   */
  readonly memoryBytes: number;
  /** Open descriptors, without files of Postgres' tables, which it keeps open for reuse. */
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
const TABLE_FILE = /\/postgres\/(base|global)\//;
/** Parts that collect garbage at SIGUSR2 (collect.ts). */
const NODE = new Set(['API', 'worker', 'qibench up']);

/**
 * Returns what each part of this process's service holds once it is idle: the least of several
 * readings, each after a collection of garbage.
 */
export async function holdings(): Promise<Record<string, Holding>> {
  await after(UNTIL_IDLE_MS);
  const least: Record<string, Holding> = {};
  for (let reading = 0; reading < READINGS; reading += 1) {
    const processes = service();
    for (const { pid, part } of processes) if (NODE.has(part)) process.kill(pid, 'SIGUSR2');
    await after(BETWEEN_MS);
    for (const [part, holding] of Object.entries(sumsOf(processes))) {
      const before = least[part] ?? holding;
      least[part] = {
        memoryBytes: Math.min(before.memoryBytes, holding.memoryBytes),
        handles: Math.min(before.handles, holding.handles),
        threads: Math.min(before.threads, holding.threads),
      };
    }
  }
  return least;
}

interface Process {
  readonly pid: number;
  readonly part: string;
}

/** Returns this process and the ones that it and its children started. */
function service(): Process[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = Number(/^PPid:\s+(\d+)$/m.exec(textOf(`/proc/${name}/status`))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [process.pid];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found.flatMap((pid) => {
    const command = textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
    const part = Object.keys(PARTS).find((name) => PARTS[name]!.test(command));
    return part === undefined ? [] : [{ pid, part }];
  });
}

/** Returns the text of a file; empty if its process has ended. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function sumsOf(processes: readonly Process[]): Record<string, Holding> {
  const sums: Record<string, Holding> = {};
  for (const { pid, part } of processes) {
    const holding = holdingOf(pid);
    if (holding === null) continue;
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
      memoryBytes: Number(/^Pss_Anon: +(\d+) kB/m.exec(memory)![1]) * 1024,
      handles: readdirSync(`/proc/${pid}/fd`).filter(
        (handle) => !TABLE_FILE.test(readlinkSync(`/proc/${pid}/fd/${handle}`)),
      ).length,
      threads: readdirSync(`/proc/${pid}/task`).length,
    };
  } catch {
    return null; // it has ended
  }
}
