// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { QibenchError } from '#contract/error.js';

const LIST = /^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*$/;

/**
 * Parses the kernel's list syntax of CPU numbers, for example `0-2,5`.
 * @returns The numbers in ascending order; null if the text is not a list.
 */
export function parseCpuList(text: string): number[] | null {
  if (!LIST.test(text.trim())) return null;
  const numbers = new Set<number>();
  for (const range of text.trim().split(',')) {
    const [first, last = first] = range.split('-').map(Number) as [number, number?];
    if (last! < first) return null;
    for (let cpu = first; cpu <= last!; cpu++) numbers.add(cpu);
  }
  return [...numbers].sort((a, b) => a - b);
}

/** Formats CPU numbers in the kernel's list syntax: 0, 1, 2, 5 become `0-2,5`. */
export function formatCpuList(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const cpu of [...numbers].sort((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range !== undefined && cpu === range[1] + 1) range[1] = cpu;
    else ranges.push([cpu, cpu]);
  }
  return ranges
    .map(([first, last]) => (first === last ? String(first) : `${first}-${last}`))
    .join(',');
}

/**
 * Returns the CPUs that measured containers are pinned to, in list syntax.
 *
 * Without a setting, these are all CPUs except the first core with all its threads, which stays
 * free for the kernel, Docker and the worker. QEMU has threads beside the guest's processors (main
 * loop, trace writer). On a single CPU, their time would count as the guest's. If fewer than two
 * CPUs would remain, only the first thread is excluded, or none.
 *
 * @param setting QIBENCH_CPUSET; null: the default.
 * @param root Folder that contains /sys.
 * @throws {BAD_SETTING} The setting is not a list of online CPUs.
 */
export async function measuringCpuset(setting: string | null, root = '/'): Promise<string> {
  const folder = join(root, 'sys/devices/system/cpu');
  const online =
    parseCpuList(await readFile(join(folder, 'online'), 'utf8').catch(() => '')) ??
    cpus().map((_, index) => index);
  if (setting !== null) {
    const chosen = parseCpuList(setting);
    const missing = chosen?.filter((cpu) => !online.includes(cpu)) ?? [];
    if (chosen === null)
      throw new QibenchError('BAD_SETTING', {
        setting: 'QIBENCH_CPUSET',
        reason: `"${setting}" is not a list of CPUs like 1-3,5`,
      });
    if (missing.length > 0)
      throw new QibenchError('BAD_SETTING', {
        setting: 'QIBENCH_CPUSET',
        reason: `CPU ${formatCpuList(missing)} is not online; online: ${formatCpuList(online)}`,
      });
    return formatCpuList(chosen);
  }
  const first = online[0]!;
  const siblings = parseCpuList(
    await readFile(join(folder, `cpu${first}/topology/thread_siblings_list`), 'utf8').catch(
      () => '',
    ),
  ) ?? [first];
  const candidates = [
    online.filter((cpu) => !siblings.includes(cpu)),
    online.filter((cpu) => cpu !== first),
    online,
  ];
  return formatCpuList(candidates.find((some) => some.length >= 2) ?? online);
}
