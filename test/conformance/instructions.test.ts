// SPDX-License-Identifier: GPL-2.0-or-later
import { runIn } from '#support/qemu.js';
import {
  BUILD_LIMIT_MS,
  COUNT,
  emulator,
  exceptionsGuest,
  InstrumentedBuilds,
  longSuiteVersions,
  MODES,
  memoryGuest,
} from '#support/instrumented-builds.js';

const EVENTS = ['guest_block_exec', 'guest_insn_exec'];
const SYSTEM_EVENTS = [...EVENTS, 'guest_exception', 'guest_interrupt'];

describe.each(longSuiteVersions)('QEMU %s', (version) => {
  const builds = new InstrumentedBuilds(version);
  const { mounts } = builds;
  beforeAll(() => builds.prepare(), BUILD_LIMIT_MS);
  afterAll(() => builds.remove());

  test.each(MODES)(
    '%s: every instruction is seen, as many as its blocks have',
    async (mode) => {
      const { image, options } = await builds.withLibrary(mode, 'instructions', SYSTEM_EVENTS);
      const { status, output } = runIn(image, [emulator, ...memoryGuest, ...options], mounts);
      const [, seen, inBlocks] = /^INSTRUCTIONS (\d+) of (\d+)$/m.exec(output)!;

      expect(status).toBe(33);
      // The write that ends QEMU takes effect before or after the last instruction of its block.
      expect([6 + 6 * COUNT, 7 + 6 * COUNT]).toContain(Number(seen));
      expect([0, 1]).toContain(Number(inBlocks) - Number(seen));
      expect(output).toMatch(new RegExp(`^AT 0xf000a ${COUNT}$`, 'm'));
    },
    BUILD_LIMIT_MS,
  );

  test.each(MODES)(
    '%s: exceptions and interrupts tell their number and both addresses, instructions find registers set',
    async (mode) => {
      const { image, options } = await builds.withLibrary(mode, 'instructions', SYSTEM_EVENTS);
      const { status, output } = runIn(image, [emulator, ...exceptionsGuest, ...options], mounts);

      expect([status, output]).toEqual([33, expect.stringMatching(/^EBX 0x1111$/m)]);
      expect(output.match(/^(EXCEPTION|INTERRUPT) .*$/gm)).toEqual([
        'EXCEPTION 0 0 0xf0048 0xf006e',
        'EXCEPTION 0 32 0xf004a 0xf0074',
        expect.stringMatching(/^INTERRUPT 0 2 0xf006[bc] 0xf0075$/),
      ]);
      expect(output).toMatch(/^AT 0xf0048 1\nAT 0xf004a 1\n/m);
      expect(output).toMatch(/^AT 0xf006e 1\nAT 0xf0070 1\nAT 0xf0074 2\nAT 0xf0075 1\n/m);
    },
    BUILD_LIMIT_MS,
  );
});

describe.each(longSuiteVersions)('user mode of QEMU %s', (version) => {
  const builds = new InstrumentedBuilds(version);
  beforeAll(async () => {
    await builds.prepareInputs('x86_64-linux-user');
    builds.assemble('symbols', 'qemu/test/guest/symbols-x86_64.s', {
      as: '--64',
      ld: '-m elf_x86_64',
    });
  }, BUILD_LIMIT_MS);
  afterAll(() => builds.remove());

  test.each(MODES)(
    '%s: every instruction of a program is seen',
    async (mode) => {
      const { image, options } = await builds.withLibrary(mode, 'instructions', EVENTS);
      const { status, output } = runIn(
        image,
        ['/opt/qemu/bin/qemu-x86_64', ...options, '/guest/symbols'],
        builds.mounts,
      );

      // 100 calls with 6 instructions each, 10 with 5, and 5 around them.
      expect([status, output]).toEqual([0, 'INSTRUCTIONS 655 of 655\nEBX 0x0\n']);
    },
    BUILD_LIMIT_MS,
  );
});
