import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { QibenchError } from '../../services/contract/error.js';

const LIST = /^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*$/;

/** CPU numbers, ascending, of the kernel's list syntax: `0-2,5`. Null if the text is not such a list. */
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

/** The kernel's list syntax of CPU numbers: 0, 1, 2, 5 are `0-2,5`. */
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
 * The CPUs that measured containers are pinned to, in list syntax.
 *
 * As the setting says. Without one, all but the first core, which is left to the kernel, Docker and us, with its other
 * threads. QEMU has threads of its own beside the guest's processors (main loop, trace writer), which on one CPU would
 * be measured as the guest's time: where fewer than two CPUs would be left, only the first thread, or nothing, is left out.
 *
 * @param setting QIBENCH_CPUSET
 * @param root where /sys is found
 * @throws QibenchError BAD_SETTING if the setting is not a list of CPUs that are online
 */
export async function measuringCpuset(setting: string | undefined, root = '/'): Promise<string> {
  const folder = join(root, 'sys/devices/system/cpu');
  const online =
    parseCpuList(await readFile(join(folder, 'online'), 'utf8').catch(() => '')) ??
    cpus().map((_, index) => index);
  if (setting !== undefined) {
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
        reason: `CPU ${formatCpuList(missing)} is not online; online are ${formatCpuList(online)}`,
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
