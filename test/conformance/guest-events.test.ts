// SPDX-License-Identifier: GPL-2.0-or-later
import { compilePlugin } from '#worker/build/plugin.js';
import { pluginCounts } from '#worker/measure/output/plugin-output.js';
import { Qemu, runIn } from '#support/qemu.js';
import { variantOf } from '#support/job-plan.js';
import {
  BUILD_LIMIT_MS,
  context,
  COUNT,
  emulator,
  endless,
  InstrumentedBuilds,
  library,
  memoryGuest,
  versions,
} from '#support/instrumented-builds.js';

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
      const variant = { ...variantOf('plugin'), plugin, arguments: [...pluginArguments] };
      const { content } = await compilePlugin(
        context,
        { ...builds.inputs, build: none, uploads: new Map() },
        variant,
      );
      builds.addLibrary('plugin', content);
      const { status, output } = runIn(
        none.image,
        [
          emulator,
          ...memoryGuest,
          '-plugin',
          ['file=/libraries/plugin.so', ...pluginArguments].join(','),
          '-d',
          'plugin',
        ],
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
