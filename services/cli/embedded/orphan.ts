// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile, rm } from 'node:fs/promises';

const STOP_LIMIT_MS = 20_000;

/** Returns whether the process runs and is that program: the system may have reused the pid. */
export async function runs(pid: number, program: string): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.includes(program);
}

/** Stops the server that a killed service left running, since two must not share a data folder. */
export async function stopOrphan(
  pidFile: string,
  program: string,
  signal: NodeJS.Signals,
): Promise<void> {
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (Number.isInteger(pid) && (await runs(pid, program))) {
    process.kill(pid, signal);
    const deadlineMs = performance.now() + STOP_LIMIT_MS;
    while (await runs(pid, program)) {
      if (performance.now() > deadlineMs)
        throw new Error(`${program} (process ${pid}) of an earlier service did not stop`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  await rm(pidFile, { force: true });
}
