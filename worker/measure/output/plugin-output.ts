import type { ShippedPlugin } from '../../../services/contract/variant.js';

interface Count {
  readonly name: string;
  /** An event: each one is one callback, or one inline operation, of the plugin. Else it is a metric. */
  readonly event: boolean;
  /** The whole lines that can bear the count, the best first: a total is better than what each CPU has. */
  readonly lines: readonly RegExp[];
}

/** What QEMU's own plugins print when QEMU ends, in the versions that are supported. Sources: tests/plugin, tests/tcg/plugins, contrib/plugins. */
const COUNTS: Record<ShippedPlugin, readonly Count[]> = {
  insn: [{ name: 'plugin.insns', event: true, lines: [/^(?:total )?insns: (\d{1,20})$/] }],
  mem: [
    {
      name: 'plugin.mem-accesses',
      event: true,
      lines: [/^(?:inline |callback )?mem accesses: (\d{1,20})$/],
    },
    { name: 'plugin.io-accesses', event: true, lines: [/^io accesses: (\d{1,20})$/] },
  ],
  bb: [
    {
      name: 'plugin.blocks',
      event: true,
      lines: [
        /^(?:Total: )?bb's: (\d{1,20}), insns: \d+$/,
        /^CPU\d+: bb's: (\d{1,20}), insns: \d+$/,
      ],
    },
    {
      name: 'plugin.insns',
      event: false,
      lines: [
        /^(?:Total: )?bb's: \d+, insns: (\d{1,20})$/,
        /^CPU\d+: bb's: \d+, insns: (\d{1,20})$/,
      ],
    },
  ],
  // It prints how often its hottest blocks ran, not how often all did: there is nothing to divide by.
  hotblocks: [
    {
      name: 'plugin.blocks-translated',
      event: false,
      lines: [/^collected (\d{1,20}) entries in the hash table$/],
    },
  ],
};

export interface PluginCount {
  readonly name: string;
  readonly event: boolean;
  readonly value: bigint;
}

/** What one of QEMU's own plugins counted; what several processes of a user-mode run counted is added. */
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
