// SPDX-License-Identifier: GPL-2.0-or-later
import { pluginCounts } from '#worker/measure/output/plugin-output.js';
import { runIn } from '#support/qemu.js';
import {
  BUILD_LIMIT_MS,
  COUNT,
  emulator,
  InstrumentedBuilds,
  type LibraryMode,
  longSuiteVersions,
  MODES,
  memoryGuest,
} from '#support/instrumented-builds.js';

const userEmulator = '/opt/qemu/bin/qemu-x86_64';
const EVENTS = ['guest_block_exec', 'guest_insn_exec', 'guest_mem_access'];
/** QEMU loads CS and SS before the first instruction, which no plugin sees. */
const SEGMENTS = 6;

/** What the library has counted. */
function counted(output: string) {
  const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1]);
  return {
    blocks: number(/^BLOCKS (\d+) of \d+$/m),
    inBlocks: number(/^BLOCKS \d+ of (\d+)$/m),
    instructions: number(/^INSTRUCTIONS (\d+)$/m),
    accesses: number(/^ACCESSES (\d+) STORES \d+$/m),
    stores: number(/^ACCESSES \d+ STORES (\d+)$/m),
    calls: number(/^CALLS (\d+) and \d+$/m),
    tenths: number(/^CALLS \d+ and (\d+)$/m),
  };
}

describe.each(longSuiteVersions)('QEMU %s', (version) => {
  const builds = new InstrumentedBuilds(version);
  beforeAll(() => builds.prepare(), BUILD_LIMIT_MS);
  afterAll(() => builds.remove());

  test.each(MODES)(
    '%s: generated code counts every block, instruction and access, and calls functions',
    async (mode) => {
      const { image, options } = await builds.withLibrary(mode, 'generators', EVENTS);
      const { status, output } = runIn(
        image,
        [emulator, ...memoryGuest, ...options],
        builds.mounts,
      );
      const { blocks, inBlocks, instructions, accesses, stores, calls, tenths } = counted(output);

      expect([status, accesses, stores]).toEqual([33, 3 * COUNT, COUNT]);
      // The write that ends QEMU takes effect before or after the last instruction.
      expect([COUNT + 2, COUNT + 3]).toContain(blocks);
      expect([6 + 6 * COUNT, 7 + 6 * COUNT]).toContain(instructions);
      expect([0, 1]).toContain(inBlocks - instructions);
      if (mode === 'static') expect([calls, tenths]).toEqual([blocks, Math.floor(blocks / 10)]);
    },
    BUILD_LIMIT_MS,
  );
});

describe.each(longSuiteVersions)('user mode of QEMU %s', (version) => {
  const builds = new InstrumentedBuilds(version);
  const { mounts } = builds;
  beforeAll(async () => {
    await builds.prepareInputs('x86_64-linux-user');
    builds.assemble('symbols', 'qemu/test/guest/symbols-x86_64.s', {
      as: '--64',
      ld: '-m elf_x86_64',
    });
    builds.assemble('values', 'qemu/test/guest/values-x86_64.s', {
      as: '--64',
      ld: '-m elf_x86_64',
    });
    builds.compileGuest('thread', 'qemu/test/guest/thread.c');
  }, BUILD_LIMIT_MS);
  afterAll(() => builds.remove());

  async function run(mode: LibraryMode, ...command: string[]) {
    const { image, options } = await builds.withLibrary(mode, 'generators', EVENTS);
    const { status, output } = runIn(image, [userEmulator, ...options, ...command], mounts);
    expect([status, output]).toEqual([0, expect.stringContaining('BLOCKS')]);
    return counted(output);
  }

  /** What a plugin of QEMU counts. */
  async function pluginCount(
    plugin: 'bb' | 'insn' | 'mem',
    given: readonly string[],
    ...command: string[]
  ) {
    const build = await builds.build('none', null);
    const option = await builds.addPlugin(plugin, build, given);
    const { output } = runIn(
      build.image,
      [userEmulator, ...option, '-d', 'plugin', ...command],
      mounts,
    );
    return Number(pluginCounts(plugin, output)[0]!.value);
  }

  test.each(MODES)(
    "%s: counts equal the counts of QEMU's plugins",
    async (mode) => {
      const { blocks, instructions, accesses } = await run(mode, '/guest/symbols');

      expect({ blocks, instructions, accesses: accesses - SEGMENTS }).toEqual({
        blocks: await pluginCount('bb', [], '/guest/symbols'),
        instructions: await pluginCount('insn', [], '/guest/symbols'),
        accesses: await pluginCount('mem', ['callback=on'], '/guest/symbols'),
      });
    },
    BUILD_LIMIT_MS,
  );

  test.each(MODES)(
    "%s: accesses of QEMU's helpers and of generated code are counted together",
    async (mode) => {
      const guest = ['-cpu', 'max', '/guest/values'];
      const { accesses } = await run(mode, ...guest);
      // 7.2's plugin is called once for each of the seven atomic operations of two threads.
      const together = version === '7.2' ? 7 : 0;

      expect(accesses - SEGMENTS - together).toBe(
        await pluginCount('mem', ['callback=on'], ...guest),
      );
    },
    BUILD_LIMIT_MS,
  );

  test(
    'counts of threads that have ended are kept',
    async () => {
      const { blocks, calls } = await run('static', '/guest/thread');

      expect(blocks).toBeGreaterThan(0);
      expect(calls).toBe(blocks);
    },
    BUILD_LIMIT_MS,
  );
});
