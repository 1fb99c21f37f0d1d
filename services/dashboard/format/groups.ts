// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Groups values by a key, in the order in which the keys first occur. (Node 20, on which the tests
 * run, lacks Map.groupBy.)
 */
export function groupsOf<T, K>(values: readonly T[], key: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) {
    const group = groups.get(key(value));
    if (group === undefined) groups.set(key(value), [value]);
    else group.push(value);
  }
  return groups;
}
