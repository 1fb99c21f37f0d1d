// SPDX-License-Identifier: GPL-2.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';

/** Variable by which processes and all that they start are recognized; servers keep it. */
export const MARK = 'TEST_MARK';

export interface MarkedProcess {
  readonly pid: number;
  readonly command: string;
}

/** Returns the running processes whose environment has the mark. */
export function markedProcesses(mark: string): MarkedProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        if (!readFileSync(`/proc/${name}/environ`, 'utf8').includes(`${MARK}=${mark}`)) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return [{ pid: Number(name), command }];
      } catch {
        return []; // it has ended
      }
    });
}

/** Waits until no marked process runs. Returns the processes that run after the limit. */
export async function untilNoneMarked(mark: string, limitMs: number): Promise<MarkedProcess[]> {
  const deadlineMs = performance.now() + limitMs;
  while (markedProcesses(mark).length > 0 && performance.now() < deadlineMs) await after(50);
  return markedProcesses(mark);
}
