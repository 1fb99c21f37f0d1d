// SPDX-License-Identifier: GPL-2.0-or-later
import { pluginCounts } from '#worker/measure/output/plugin-output.js';
import { Qemu, runIn } from '#support/qemu.js';
import {
  BUILD_LIMIT_MS,
  COUNT,
  emulator,
  endless,
  endlessOn,
  InstrumentedBuilds,
  library,
  memoryGuest,
  valuesGuest,
  versions,
} from '#support/instrumented-builds.js';

/** The accesses of the guest `values` to 0x1000. */
const VALUES = [
  'store 1 44',
  'store 2 3344',
  'store 4 11223344',
  'store 1 80',
  ...['load 1 80', 'load 1 80'],
  ...['load 4 11223380', 'store 4 11223381'],
  ...['load 4 11223381', 'store 4 81'],
  ...['load 4 81', 'store 4 1081'],
  ...['load 4 1081', 'store 4 1083'],
  ...['load 4 1083', 'store 4 5'],
  // A failed comparison stores the old value.
  ...['load 4 5', 'store 4 5'],
  ...['load 4 5', 'store 4 7'],
];

describe.each(versions)('QEMU %s', (version) => {
  const builds = new InstrumentedBuilds(version);
  const { mounts } = builds;
  beforeAll(() => builds.prepare(), BUILD_LIMIT_MS);
  afterAll(() => builds.remove());

  test.each(['dynamic', 'static'] as const)(
    '%s: every block, load and store of the guest is seen, with its value',
    async (mode) => {
      const { image, key } = await builds.guestBuild(mode);
      const options = mode === 'static' ? [] : library('guest-events');
      if (mode === 'dynamic') await builds.compileFor('guest-events', { image, key });
      const { status, output } = runIn(image, [emulator, ...memoryGuest, ...options], mounts);
      const sum = (COUNT * (COUNT + 1)) / 2;
      const lowBytes = Array.from({ length: COUNT }, (_, index) => (index + 1) % 256).reduce(
        (total, byte) => total + byte,
        0,
      );

      expect(status).toBe(33);
      // The write that ends QEMU takes effect before or after the last instruction.
      expect(output.trim().split('\n')).toEqual([
        'FIRST',
        expect.stringMatching(`^INSTRUCTIONS (${6 + 6 * COUNT}|${7 + 6 * COUNT}) in blocks 1$`),
        `STORES ${COUNT} of ${sum}`,
        `LOADS ${COUNT} of ${sum}, bytes ${lowBytes}`,
      ]);
    },
    BUILD_LIMIT_MS,
  );

  test(
    'events of guest code can be switched on while the guest runs, and off again',
    async () => {
      const { image, key } = await builds.guestBuild('dynamic');
      await builds.compileFor('guest-events', { image, key });
      const qemu = await Qemu.start(image, [emulator, ...endless], mounts);
      await qemu.do('instr-load', { file: '/libraries/guest-events.so' });
      await qemu.waitForOutput(/^FIRST$/m);
      await qemu.do('instr-unload');
      await qemu.do('instr-load', { file: '/libraries/guest-events.so' });
      await qemu.waitForOutput(/^FIRST$[^]*^FIRST$/m);
      await qemu.do('instr-unload');
      const { status, output } = await qemu.quit();

      expect(status).toBe(0);
      expect(output.match(/^INSTRUCTIONS \d+ in blocks \d$/gm)).toEqual(
        [1, 2].map(() => expect.stringMatching(/^INSTRUCTIONS [1-9]\d* in blocks 1$/)),
      );
    },
    BUILD_LIMIT_MS,
  );

  test.each([1, 4])(
    'with %d processors, a library with events of guest code is loaded and unloaded 100 times',
    async (processors) => {
      const { image, key } = await builds.guestBuild('dynamic');
      await builds.compileFor('guest-events', { image, key });
      const qemu = await Qemu.start(image, [emulator, ...endlessOn(processors)], mounts);
      for (let round = 0; round < 100; round++) {
        await qemu.do('instr-load', { file: '/libraries/guest-events.so' });
        await qemu.do('instr-unload');
      }
      const { status } = await qemu.quit();

      expect(status).toBe(0);
    },
    BUILD_LIMIT_MS,
  );

  test.each([[[]], [['-icount', 'shift=0']]])(
    'with options %j, a callback of guest code switches its event off, and another one on, while the code runs',
    async (options) => {
      const { image, key } = await builds.guestBuild('dynamic');
      await builds.compileFor('switching', { image, key });
      const { status, output } = runIn(
        image,
        [emulator, ...memoryGuest, ...options, ...library('switching')],
        mounts,
      );

      const [, blocks, accesses] = /^BLOCKS (\d+) ACCESSES (\d+)$/m.exec(output)!;
      expect([status, Number(accesses)]).toEqual([33, 3 * COUNT]);
      expect(Number(blocks)).toBeGreaterThan(COUNT - 3);
    },
    BUILD_LIMIT_MS,
  );

  // With two processors, helpers of QEMU do the atomic operations.
  test.each([1, 2])(
    "with -smp %d, accesses have the memory's values, and are those that QEMU's plugin sees",
    async (processors) => {
      const { image, key } = await builds.guestBuild('dynamic');
      await builds.compileFor('values', { image, key });
      const guest = [emulator, ...valuesGuest, '-smp', String(processors)];
      const { status, output } = runIn(image, [...guest, ...library('values', '0x1000')], mounts);
      const plugin = await builds.addPlugin('mem', builds.dynamic, ['callback=on']);
      const seen = runIn(image, [...guest, ...plugin, '-d', 'plugin'], mounts);
      const [count] = pluginCounts('mem', seen.output);
      // 7.2's plugin is called once for an atomic operation.
      const together = version === '7.2' && processors > 1 ? 7n : 0n;

      expect([status, output.trim().split('\n')]).toEqual([
        33,
        [...VALUES, `TOTAL ${count!.value + together}`],
      ]);
    },
    BUILD_LIMIT_MS,
  );

  test.each([
    ['insn', [], 'plugin.insns', [6 + 6 * COUNT, 7 + 6 * COUNT]],
    ['insn', ['inline=on'], 'plugin.insns', [6 + 6 * COUNT, 7 + 6 * COUNT]],
    ['mem', ['callback=on'], 'plugin.mem-accesses', [3 * COUNT]],
    ['mem', ['inline=on'], 'plugin.mem-accesses', [3 * COUNT]],
    ['bb', [], 'plugin.blocks', [COUNT + 2, COUNT + 3]],
    ['bb', ['inline=on'], 'plugin.blocks', [COUNT + 2, COUNT + 3]],
    ['hotblocks', [], 'plugin.blocks-translated', [4, 5]],
  ] as const)(
    "QEMU's own plugin %s %j is built from this source, runs on the build without " +
      'instrumentation, and its count is read',
    async (plugin, pluginArguments, name, expected) => {
      const none = await builds.build('none', null);
      const option = await builds.addPlugin(plugin, none, pluginArguments);
      const { status, output } = runIn(
        none.image,
        [emulator, ...memoryGuest, ...option, '-d', 'plugin'],
        mounts,
      );

      expect([status, output]).toEqual([33, expect.any(String)]);
      const count = pluginCounts(plugin, output).find((candidate) => candidate.name === name);
      expect([output, expected.map(BigInt)]).toEqual([
        output,
        expect.arrayContaining([count?.value]),
      ]);
    },
    BUILD_LIMIT_MS,
  );
});
