// SPDX-License-Identifier: GPL-2.0-or-later
import { Qemu, runIn } from '#support/qemu.js';
import {
  BUILD_LIMIT_MS,
  COUNT,
  emulator,
  endlessOn,
  InstrumentedBuilds,
  longSuiteVersions,
  MODES,
  memoryGuest,
} from '#support/instrumented-builds.js';

describe.each(longSuiteVersions)('QEMU %s', (version) => {
  const builds = new InstrumentedBuilds(version);
  const { mounts } = builds;
  beforeAll(() => builds.prepare(), BUILD_LIMIT_MS);
  afterAll(() => builds.remove());

  test.each(MODES)(
    '%s: a callback reads memory, physical addresses and registers, and detects devices',
    async (mode) => {
      const { image, options } = await builds.withLibrary(mode, 'guest-state', [
        'guest_mem_access',
      ]);
      const { status, output } = runIn(image, [emulator, ...memoryGuest, ...options], mounts);
      const smp = await Qemu.start(image, [emulator, ...endlessOn(2), ...options], mounts);
      await smp.waitForOutput(/^IO of CPU 0 0 at 0xfee00300$/m);

      expect((await smp.quit()).status).toBe(0);
      expect([status, output]).toEqual([
        33,
        'NO CPU -1, memory 0, register -1\n' +
          `MEMORY ${3 * COUNT} PHYSICAL ${3 * COUNT} REGISTER ${COUNT} REFUSED ${3 * COUNT}\n`,
      ]);
    },
    BUILD_LIMIT_MS,
  );
});

describe.each(longSuiteVersions)('user mode of QEMU %s', (version) => {
  const builds = new InstrumentedBuilds(version);
  beforeAll(() => builds.prepareInputs('x86_64-linux-user'), BUILD_LIMIT_MS);
  afterAll(() => builds.remove());

  test.each(MODES)(
    '%s: a callback reads memory and registers',
    async (mode) => {
      const { image, options } = await builds.withLibrary(mode, 'guest-state', [
        'guest_syscall_enter',
      ]);
      const { status, output } = runIn(
        image,
        ['/opt/qemu/bin/qemu-x86_64', ...options, '/bin/echo', 'hello'],
        builds.mounts,
      );

      expect([status, output]).toEqual([
        0,
        expect.stringMatching(/^WRITE 1 hello\nTO 1, by registers 1 1, unmapped 0, physical 0$/m),
      ]);
    },
    BUILD_LIMIT_MS,
  );
});
