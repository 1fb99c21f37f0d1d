// SPDX-License-Identifier: GPL-2.0-or-later
import { TRANSLATED_CODE } from '#domain/profile/call-graph.js';
import type { BlockNames } from './callgrind-file.js';

/** Entries of a map, at most: one per translated instruction of the guest. */
const MOST_ENTRIES = 2_000_000;
const ENTRY = /^([0-9a-f]{1,16}) ([0-9a-f]{1,8}) (guest-0x[0-9a-f]{1,16})$/;

/**
 * Returns names of translated code by its address on the host. Code that the map lacks, such as
 * QEMU's prologue, has the name of all translated code.
 *
 * @param map Lines `<address> <size> <name>` in hexadecimal, as QEMU's -perfmap writes them. Where
 *   lines overlap, the last one holds: QEMU translates again into the same memory.
 */
export function blockNames(map: string): BlockNames {
  const starts: [start: bigint, end: bigint, name: string][] = [];
  for (const line of map.split('\n')) {
    const [, start, size, name] = ENTRY.exec(line) ?? [];
    if (start === undefined) continue;
    const from = BigInt(`0x${start}`);
    starts.push([from, from + BigInt(`0x${size}`), name!]);
    if (starts.length >= MOST_ENTRIES) break;
  }
  const ordered = starts
    .map((entry, place) => ({ entry, place }))
    .sort((a, b) => compare(a.entry[0], b.entry[0]) || a.place - b.place)
    .map(({ entry }) => entry);
  return (address) => {
    let [low, high] = [0, ordered.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ordered[middle]![0] <= address) low = middle + 1;
      else high = middle;
    }
    const found = ordered[low - 1];
    return found !== undefined && address < found[1] ? found[2] : TRANSLATED_CODE;
  };
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
