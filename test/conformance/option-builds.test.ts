// SPDX-License-Identifier: GPL-2.0-or-later
import { join } from 'node:path';
import type { Target } from '#contract/qemu.js';
import { ensureTree, type Tree } from '#worker/build/tree.js';
import { configureArguments } from '#worker/build/versions.js';
import { runIn } from '#support/qemu.js';
import {
  COMPARED_EVENTS,
  comparedCounts,
  counterOptions,
  expectSameCounts,
  JUMP_EVENTS,
  quietly,
  SEGMENT_ACCESSES,
} from '#support/compared-counts.js';
import {
  BIOS,
  BUILD_LIMIT_MS,
  context,
  InstrumentedBuilds,
  memoryGuest,
  versions,
  WHOLE_MATRIX,
} from '#support/instrumented-builds.js';

const TEST_FOLDER = { folder: join(process.cwd(), 'qemu/test'), at: '/test' };
const COMPILER_CACHE = { volume: 'qibench-ccache', at: '/ccache' };
const ARCHITECTURES = ['x86_64', 'aarch64', 'riscv64'] as const;

/** A run of an emulator, with its status and the accesses that no plugin sees. */
interface Run {
  readonly words: readonly string[];
  readonly status: number;
  readonly unseen: bigint;
}
interface Kind {
  readonly targets: readonly Target[];
  readonly options: readonly string[];
  /** Arguments of ninja. */
  readonly products: string;
  readonly runs: readonly Run[];
}

const matmult = (architecture: (typeof ARCHITECTURES)[number]): Run => ({
  words: [`./qemu-${architecture}`, `/guest/matmult-${architecture}`, '32'],
  status: 0,
  unseen: architecture === 'x86_64' ? SEGMENT_ACCESSES : 0n,
});

const KINDS: Record<string, Kind> = {
  LTO: {
    targets: ['x86_64-linux-user'],
    options: ['--enable-lto'],
    products: 'qemu-x86_64',
    runs: [matmult('x86_64')],
  },
  'several targets': {
    targets: ['x86_64-linux-user', 'aarch64-linux-user', 'riscv64-linux-user'],
    options: [],
    products: 'qemu-x86_64 qemu-aarch64 qemu-riscv64',
    runs: ARCHITECTURES.map(matmult),
  },
  modules: {
    targets: ['x86_64-softmmu'],
    options: ['--enable-modules'],
    products:
      'qemu-system-x86_64 $(ninja -t targets all | sed -n "s/^\\([^ /]*\\.so\\): .*/\\1/p")',
    runs: [{ words: ['./qemu-system-x86_64', ...memoryGuest], status: 33, unseen: 0n }],
  },
};

/**
 * Builds, and compiles the library and QEMU's plugins. Arguments: the events, separated by |, and
 * what to build; then configure's.
 */
const BUILD = `
mkdir /tmp/build && cd /tmp/build
export CCACHE_DIR=/ccache CC="ccache cc"
events=$1; products=$2; shift 2
/qemu/src/configure "$@" > /tmp/configured || { tail /tmp/configured; exit 1; }
ninja --quiet trace/trace-events-all
sed -E "s/^($events)\\(/instrument &/" trace/trace-events-all > /tmp/events
meson=$(sed -n 's/^MESON=//p' config-host.mak)
$meson configure -Dtrace_events=/tmp/events -Dtrace_instrument=dynamic
eval "ninja --quiet $products"
cc -O2 -shared -fPIC -Iinstrument -I/qemu/src/instrument -o /tmp/guest-counts.so \\
  /test/guest-counts/instrument.c
for plugin in bb insn mem; do
  for folder in tests/tcg/plugins tests/plugin; do
    test -e /qemu/src/$folder/$plugin.c || continue
    cc -O2 -shared -fPIC -I/qemu/src/include/plugins -I/qemu/src/include/qemu -I/qemu/src/include \\
      -o /tmp/plugin-$plugin.so /qemu/src/$folder/$plugin.c $(pkg-config --cflags --libs glib-2.0)
  done
done
`;

/** Returns a script that builds, then runs each emulator with all counters and prints its status. */
function script({ runs }: Kind): string {
  const { plugins, library } = counterOptions('/tmp');
  const commands = runs.map(({ words: [emulator, ...guest] }) => {
    const words = quietly(emulator!, ...plugins, ...library, ...guest);
    const command = words.map((word) => `'${word}'`).join(' ');
    return `echo RUN; status=0; ${command} || status=$?; echo STATUS $status`;
  });
  return [BUILD, ...commands].join('\n');
}

const describeIfWhole = WHOLE_MATRIX ? describe : describe.skip;
describeIfWhole.each(versions)('QEMU %s built with', (version) => {
  const builds = new InstrumentedBuilds(version);
  let tree: Tree;
  beforeAll(async () => {
    await builds.prepareInputs('x86_64-linux-user');
    tree = await ensureTree(context, { ...builds.inputs, backends: ['log'] }, 'dynamic');
    for (const architecture of ARCHITECTURES)
      await builds.compileGuest(
        `matmult-${architecture}`,
        'workloads/matmult/matmult.c',
        architecture,
      );
    builds.assemble('memory.bin', 'qemu/test/guest/memory.s', BIOS);
  }, BUILD_LIMIT_MS);
  afterAll(() => builds.remove());

  test.each(Object.entries(KINDS))(
    '%s: guest events are those that bb, insn and mem see',
    (_, kind) => {
      const { targets, options, products, runs } = kind;
      const { status, output } = runIn(
        tree.tag,
        [
          ...['sh', '-ec', script(kind), 'sh', [...COMPARED_EVENTS, ...JUMP_EVENTS].join('|')],
          ...[products, `--target-list=${targets.join(',')}`, '--enable-trace-backends=log'],
          ...[...configureArguments(builds.inputs.entry, targets[0]!), ...options],
        ],
        [...builds.mounts, TEST_FOLDER, COMPILER_CACHE],
      );

      expect([status, output.slice(-4000)]).toEqual([0, expect.stringContaining('STATUS')]);
      const outputs = output.split('RUN\n').slice(1);
      for (const [index, { words, status: expected, unseen }] of runs.entries()) {
        expect([words[0], outputs[index]]).toEqual([
          words[0],
          expect.stringContaining(`STATUS ${expected}\n`),
        ]);
        expectSameCounts(version, comparedCounts(0, outputs[index]!), {
          least: unseen,
          most: unseen,
        });
      }
    },
    BUILD_LIMIT_MS,
  );
});
