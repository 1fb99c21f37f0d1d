/** Values by what they have in common, in the order in which that comes first. (Map.groupBy is not in Node 20, where tests run.) */
export function groupsOf<T, K>(values: readonly T[], key: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) {
    const group = groups.get(key(value));
    if (group === undefined) groups.set(key(value), [value]);
    else group.push(value);
  }
  return groups;
}
