// SPDX-License-Identifier: GPL-2.0-or-later

/** Parts of `-smp` that multiply to the number of virtual CPUs where `cpus` is missing. */
const TOPOLOGY = ['drawers', 'books', 'sockets', 'dies', 'clusters', 'modules', 'cores', 'threads'];

/**
 * Returns the number of virtual CPUs that QEMU's arguments ask for by the last `-smp`.
 * @returns Null without the option, or where its value has no number.
 * @see QEMU's documentation of -smp
 */
export function vcpusOf(words: readonly string[]): number | null {
  const at = words.findLastIndex((word) => word === '-smp' || word === '--smp');
  const value = at < 0 ? undefined : words[at + 1];
  if (value === undefined) return null;
  const parts = value.split(',').map((part): [string, number] => {
    const [key, number = key] = part.split('=') as [string, string?];
    return [number === key ? 'cpus' : key, Number(number)];
  });
  const numbers = new Map(parts.filter(([, number]) => Number.isInteger(number) && number > 0));
  const product = TOPOLOGY.reduce((all, key) => all * (numbers.get(key) ?? 1), 1);
  const known = numbers.has('cpus') || TOPOLOGY.some((key) => numbers.has(key));
  return known ? (numbers.get('cpus') ?? product) : null;
}
