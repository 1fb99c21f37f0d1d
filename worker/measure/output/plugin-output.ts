// SPDX-License-Identifier: GPL-2.0-or-later
import type { ShippedPlugin } from '#contract/variant.js';

interface Count {
  readonly name: string;
  /**
   * True: an event count, with one callback or inline operation of the plugin per event. False: a
   * metric.
   */
  readonly event: boolean;
  /**
   * Patterns of lines with the count, best first: a total is better than the counts per CPU. They
   * have no start, because a line may follow a last line of the guest that does not end.
   */
  readonly lines: readonly RegExp[];
}

/**
 * Counts that QEMU's own plugins print when QEMU ends, in the supported versions.
 * @see tests/plugin, tests/tcg/plugins and contrib/plugins in QEMU's source
 */
const COUNTS: Record<ShippedPlugin, readonly Count[]> = {
  insn: [{ name: 'plugin.insns', event: true, lines: [/(?<!cpu \d{1,5} )insns: (\d{1,20})$/] }],
  mem: [
    {
      name: 'plugin.mem-accesses',
      event: true,
      lines: [/mem accesses: (\d{1,20})$/],
    },
    { name: 'plugin.io-accesses', event: true, lines: [/io accesses: (\d{1,20})$/] },
  ],
  bb: [
    {
      name: 'plugin.blocks',
      event: true,
      lines: [
        /(?<!CPU\d{1,5}: )bb's: (\d{1,20}), insns: \d+$/,
        /(?<!Idling )CPU\d{1,5}: bb's: (\d{1,20}), insns: \d+$/,
      ],
    },
    {
      name: 'plugin.insns',
      event: false,
      lines: [
        /(?<!CPU\d{1,5}: )bb's: \d+, insns: (\d{1,20})$/,
        /(?<!Idling )CPU\d{1,5}: bb's: \d+, insns: (\d{1,20})$/,
      ],
    },
  ],
  // It prints counts for its hottest blocks only, not for all blocks, so costs cannot be divided.
  hotblocks: [
    {
      name: 'plugin.blocks-translated',
      event: false,
      lines: [/collected (\d{1,20}) entries in the hash table$/],
    },
  ],
};

/** A count of one of QEMU's own plugins. */
export interface PluginCount {
  readonly name: string;
  readonly event: boolean;
  readonly value: bigint;
}

/**
 * Reads the counts of one of QEMU's own plugins. The counts of a user-mode run's processes are
 * added.
 */
export function pluginCounts(plugin: ShippedPlugin, text: string): PluginCount[] {
  const lines = text.split('\n').map((line) => line.trimEnd());
  return COUNTS[plugin].flatMap(({ name, event, lines: patterns }) => {
    const found = patterns
      .map((pattern) => lines.flatMap((line) => pattern.exec(line)?.[1] ?? []))
      .find((digits) => digits.length > 0);
    return found === undefined
      ? []
      : [{ name, event, value: found.reduce((sum, digits) => sum + BigInt(digits), 0n) }];
  });
}
