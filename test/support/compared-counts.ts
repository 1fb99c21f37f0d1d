// SPDX-License-Identifier: GPL-2.0-or-later
import { architectureOf, targetKind, type Target, type TargetKind } from '#contract/qemu.js';
import { pluginCounts } from '#worker/measure/output/plugin-output.js';
import { readVersions, targetsOf } from '#worker/build/versions.js';
import { InstrumentedBuilds, longSuiteVersions, WHOLE_MATRIX } from './instrumented-builds.js';
import { runIn } from './qemu.js';

/** The events that are compared with plugins. */
export const COMPARED_EVENTS = ['guest_block_exec', 'guest_insn_exec', 'guest_mem_access'];
/** The events that explain differences in a system. */
export const JUMP_EVENTS = ['guest_exception', 'guest_interrupt'];

/**
 * Accesses before the first instruction of a 64-bit program of x86: QEMU loads CS and SS as an
 * instruction would, two loads and a store each.
 */
export const SEGMENT_ACCESSES = 6n;

/** Counts of one run, of all its processes. */
interface Counts {
  readonly blocks: bigint;
  /** Instructions of the blocks that began. */
  readonly inBlocks: bigint;
  /** Instructions that began. */
  readonly instructions: bigint;
  readonly accesses: bigint;
}

/** Counts of the library `guest-counts` and of QEMU's plugins `bb`, `insn` and `mem` in one run. */
export interface ComparedCounts {
  readonly status: number | null;
  readonly output: string;
  readonly library: Counts;
  readonly plugins: Counts;
  readonly processes: bigint;
  /** Exceptions and interrupts, in a system. */
  readonly jumps: bigint;
}

/** Reads both counts from the output of a run. */
export function comparedCounts(status: number | null, output: string): ComparedCounts {
  const lines = [
    ...output.matchAll(
      /COUNTS blocks=(\d+) in-blocks=(\d+) instructions=(\d+) accesses=(\d+) jumps=(\d+)/g,
    ),
  ];
  const sum = (column: number) =>
    lines.reduce((total, numbers) => total + BigInt(numbers[column]!), 0n);
  const value = (plugin: 'bb' | 'insn' | 'mem', name: string, text = output) =>
    pluginCounts(plugin, text).find((count) => count.name === name)?.value ?? -1n;
  const withoutBlocks = output.replace(/^.*bb's: .*$/gm, '');
  return {
    status,
    output,
    library: { blocks: sum(1), inBlocks: sum(2), instructions: sum(3), accesses: sum(4) },
    plugins: {
      blocks: value('bb', 'plugin.blocks'),
      inBlocks: value('bb', 'plugin.insns'),
      instructions: value('insn', 'plugin.insns', withoutBlocks),
      accesses: value('mem', 'plugin.mem-accesses'),
    },
    processes: BigInt(lines.length),
    jumps: sum(5),
  };
}

/** 7.2's plugin `insn` prints a line for each repetition of an instruction, also within other lines. */
const WITHOUT_REPETITIONS = '"$@" 2>&1 | perl -pe "s/detected repeat execution @ 0x[0-9a-f]+\\n//"';

/** Command that runs an emulator, with its errors in its output. */
export const quietly = (...command: readonly string[]): string[] => [
  ...['bash', '-o', 'pipefail', '-c', WITHOUT_REPETITIONS, 'bash'],
  ...command,
];

/** Options that load QEMU's plugins and the library `guest-counts` from a folder. */
export const counterOptions = (folder: string) => ({
  plugins: [
    ...['-plugin', `file=${folder}/plugin-bb.so`, '-plugin', `file=${folder}/plugin-insn.so`],
    ...['-plugin', `file=${folder}/plugin-mem.so,callback=on`, '-d', 'plugin'],
  ],
  library: ['-instr', `file=${folder}/guest-counts.so`],
});

type Mode = 'dynamic' | 'static';

/** A target's builds in both modes, with QEMU's plugins. */
export class CountedTarget {
  readonly builds: InstrumentedBuilds;
  #images!: Record<Mode, string>;

  constructor(version: string) {
    this.builds = new InstrumentedBuilds(version);
  }

  /** Builds both, and compiles the library and the plugins. */
  async prepare(target: Target, events: readonly string[]): Promise<void> {
    await this.builds.prepareInputs(target);
    const build = await this.builds.build('dynamic', null, events);
    await this.builds.compileFor('guest-counts', build);
    for (const plugin of ['bb', 'insn', 'mem'] as const)
      await this.builds.addPlugin(plugin, build, []);
    const { image } = await this.builds.build('static', 'guest-counts', events);
    this.#images = { dynamic: build.image, static: image };
  }

  /** Runs a guest with the plugins and the library. */
  run(mode: Mode, guest: readonly string[]): ComparedCounts {
    const { plugins, library } = counterOptions('/libraries');
    const options = mode === 'dynamic' ? [...plugins, ...library] : plugins;
    const command = quietly(this.builds.emulator, ...options, ...guest);
    const { status, output } = runIn(this.#images[mode], command, this.builds.mounts);
    return comparedCounts(status, output);
  }
}

/** Returns the targets of a kind, with their versions, that are tested. */
export async function testedTargets(kind: TargetKind): Promise<(readonly [string, Target])[]> {
  const entries = await readVersions(process.cwd());
  return longSuiteVersions.flatMap((version) =>
    targetsOf(entries[version]!)
      .filter((target) => targetKind(target) === kind)
      .filter((target) => WHOLE_MATRIX || architectureOf(target) === 'x86_64')
      .map((target) => [version, target] as const),
  );
}

/**
 * Expects the same counts of blocks and instructions, and as many more accesses as plugins do not
 * see.
 * @param unseen Least and most number of such accesses; null: the plugin loses some.
 */
export function expectSameCounts(
  version: string,
  { status, output, library, plugins }: ComparedCounts,
  unseen: { readonly least: bigint; readonly most: bigint | null },
): void {
  const end = output.slice(-4000);
  const counted = (counts: Counts) => ({
    blocks: counts.blocks,
    instructions: counts.instructions,
  });
  expect({ status, end, ...counted(library) }).toEqual({ status: 0, end, ...counted(plugins) });
  expect(plugins.blocks).toBeGreaterThan(1000n);
  expect(plugins.accesses).toBeGreaterThan(1000n);
  // 7.2's `bb` also counts an instruction that the translator took back, at the end of a page.
  if (version === '7.2') expect(library.inBlocks).toBeLessThanOrEqual(plugins.inBlocks);
  else expect(library.inBlocks).toBe(plugins.inBlocks);
  expect(library.inBlocks).toBeGreaterThanOrEqual(library.instructions);
  const difference = library.accesses - plugins.accesses;
  expect(difference).toBeGreaterThanOrEqual(unseen.least);
  if (unseen.most !== null) expect(difference).toBeLessThanOrEqual(unseen.most);
}
