// SPDX-License-Identifier: GPL-2.0-or-later
import { runIn } from '#support/qemu.js';
import {
  BUILD_LIMIT_MS,
  COUNT,
  emulator,
  GUEST_EVENTS,
  InstrumentedBuilds,
  type LibraryMode,
  longSuiteVersions,
  MODES,
  memoryGuest,
  valuesGuest,
} from '#support/instrumented-builds.js';

const userEmulator = '/opt/qemu/bin/qemu-x86_64';

/** Options that give a library of either mode its arguments. */
function given(mode: LibraryMode, ...args: string[]): string[] {
  const file = mode === 'dynamic' ? ['file=/libraries/filter.so'] : [];
  const options = [...file, ...args.map((arg) => `arg=${arg}`)];
  return options.length === 0 ? [] : ['-instr', options.join(',')];
}

/** What the library has seen. */
function seen(output: string) {
  const numbers = /^BLOCKS (\d+) INSTRUCTIONS (\d+) LOADS (\d+) STORES (\d+)$/m.exec(output)!;
  const [blocks, instructions, loads, stores] = numbers.slice(1).map(Number);
  return { blocks, instructions, loads, stores };
}

describe.each(longSuiteVersions)('QEMU %s', (version) => {
  const builds = new InstrumentedBuilds(version);
  const { mounts } = builds;
  beforeAll(() => builds.prepare(), BUILD_LIMIT_MS);
  afterAll(() => builds.remove());

  test.each(MODES)(
    '%s: a filter by addresses selects instructions in the middle of a block',
    async (mode) => {
      const { image } = await builds.withLibrary(mode, 'filter', GUEST_EVENTS);
      // The second and third instruction of the loop; the first of them loads.
      const { status, output } = runIn(
        image,
        [
          emulator,
          ...memoryGuest,
          ...given(mode, 'range=0xf000f-0xf0013', 'range=0xf0018-0xf0018'),
        ],
        mounts,
      );

      expect([status, seen(output)]).toEqual([
        33,
        { blocks: 2 * COUNT, instructions: 2 * COUNT, loads: COUNT, stores: 0 },
      ]);
    },
    BUILD_LIMIT_MS,
  );

  test.each(MODES)(
    '%s: a library in C++ sets a filter, and counts in a scoreboard',
    async (mode) => {
      const { image, options } = await builds.withLibrary(mode, 'cpp', GUEST_EVENTS);

      expect(runIn(image, [emulator, ...memoryGuest, ...options], mounts)).toMatchObject({
        status: 33,
        output: `BLOCKS ${COUNT} LOADS ${COUNT}\n`,
      });
    },
    BUILD_LIMIT_MS,
  );

  test.each(MODES.flatMap((mode) => [1, 2].map((processors) => [mode, processors] as const)))(
    "%s, -smp %d: accesses of QEMU's helpers belong to the code that they are for",
    async (mode, processors) => {
      const { image } = await builds.withLibrary(mode, 'filter', GUEST_EVENTS);
      const run = (...args: string[]) => {
        const guest = [emulator, ...valuesGuest, '-smp', String(processors)];
        const { status, output } = runIn(image, [...guest, ...given(mode, ...args)], mounts);
        expect([status, output]).toEqual([33, expect.stringContaining('BLOCKS')]);
        return seen(output);
      };
      const all = run('one-in=1');
      const fxsave = run('range=0xf0077-0xf007b');
      const others = run('range=0-0xf0076', 'range=0xf007c-0xffffffff');
      const increment = run('range=0xf0025-0xf002a');

      expect([increment.loads, increment.stores, fxsave.loads]).toEqual([1, 1, 0]);
      expect(fxsave.stores).toBeGreaterThan(10);
      expect(others).toMatchObject({
        loads: all.loads,
        stores: all.stores! - fxsave.stores!,
        instructions: all.instructions! - 1,
      });
    },
    BUILD_LIMIT_MS,
  );
});

describe.each(longSuiteVersions)('user mode of QEMU %s', (version) => {
  const builds = new InstrumentedBuilds(version);
  let images: Record<LibraryMode, string>;
  beforeAll(async () => {
    await builds.prepareInputs('x86_64-linux-user');
    builds.assemble('symbols', 'qemu/test/guest/symbols-x86_64.s', {
      as: '--64',
      ld: '-m elf_x86_64',
    });
    const { image } = await builds.withLibrary('dynamic', 'filter', GUEST_EVENTS);
    const linked = await builds.withLibrary('static', 'filter', GUEST_EVENTS);
    images = { dynamic: image, static: linked.image };
  }, BUILD_LIMIT_MS);
  afterAll(() => builds.remove());

  const run = (mode: LibraryMode, program: string, ...args: string[]) => {
    const command = [userEmulator, ...given(mode, ...args), program];
    const { status, output } = runIn(images[mode], command, builds.mounts);
    expect([status, output]).toEqual([0, expect.stringContaining('BLOCKS')]);
    return seen(output);
  };
  const OFTEN = { blocks: 100, instructions: 300, loads: 200, stores: 100 };
  const SELDOM = { blocks: 10, instructions: 20, loads: 10, stores: 0 };

  test.each(MODES)('%s: a filter by names selects functions', (mode) => {
    expect(run(mode, '/guest/symbols', 'symbol=often')).toEqual(OFTEN);
    expect(run(mode, '/guest/symbols', 'symbol=sel*')).toEqual(SELDOM);
    expect(run(mode, '/guest/symbols', 'symbol=seldom', 'symbol=o?ten')).toEqual({
      blocks: 110,
      instructions: 320,
      loads: 210,
      stores: 100,
    });
    expect(run(mode, '/guest/symbols', 'symbol=none')).toMatchObject({ blocks: 0, loads: 0 });
  });

  test.each(MODES)('%s: one in n blocks is the same in every run', (mode) => {
    const all = run(mode, '/bin/true', 'one-in=1');
    const some = run(mode, '/bin/true', 'one-in=4');

    expect(some.blocks).toBeGreaterThan(0);
    expect(some.blocks).toBeLessThan(all.blocks! / 2);
    expect(some.loads! + some.stores!).toBeLessThan((all.loads! + all.stores!) / 2);
    expect(run(mode, '/bin/true', 'one-in=4').blocks).toBe(some.blocks);
  });
});
