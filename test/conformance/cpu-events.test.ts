// SPDX-License-Identifier: GPL-2.0-or-later
import { Qemu, runIn } from '#support/qemu.js';
import {
  BUILD_LIMIT_MS,
  emulator,
  endless,
  InstrumentedBuilds,
  longSuiteVersions,
  MODES,
} from '#support/instrumented-builds.js';

const EVENTS = ['start', 'stop', 'idle', 'resume'].map((name) => `guest_cpu_${name}`);

/** The events of a processor, in order. */
const eventsOf = (cpu: number, output: string) =>
  [...output.matchAll(new RegExp(`^CPU ${cpu} (\\w+)$`, 'gm'))].map(([, name]) => name).join(' ');

describe.each(longSuiteVersions)('QEMU %s', (version) => {
  const builds = new InstrumentedBuilds(version);
  beforeAll(() => builds.prepare(), BUILD_LIMIT_MS);
  afterAll(() => builds.remove());

  test.each(MODES)(
    '%s: a processor starts, and is idle until it has something to do',
    async (mode) => {
      const { image, options } = await builds.withLibrary(mode, 'cpu-events', EVENTS);
      const qemu = await Qemu.start(image, [emulator, ...endless, ...options], builds.mounts);
      for (const cpu of [0, 1, 2, 3])
        await qemu.waitForOutput(new RegExp(`^CPU ${cpu} RESUME$`, 'm'));
      await qemu.do('stop');
      const { status, output } = await qemu.quit();

      expect(status).toBe(0);
      for (const cpu of [0, 1, 2, 3])
        expect([cpu, eventsOf(cpu, output)]).toEqual([
          cpu,
          expect.stringMatching(/^START( IDLE RESUME)+( IDLE)?( STOP)?$/),
        ]);
      expect(output).not.toContain('CPU 4');
    },
    BUILD_LIMIT_MS,
  );
});

describe.each(longSuiteVersions)('user mode of QEMU %s', (version) => {
  const builds = new InstrumentedBuilds(version);
  beforeAll(async () => {
    await builds.prepareInputs('x86_64-linux-user');
    await builds.compileGuest('thread', 'qemu/test/guest/thread.c');
  }, BUILD_LIMIT_MS);
  afterAll(() => builds.remove());

  test.each(MODES)(
    '%s: a processor starts and stops with its thread',
    async (mode) => {
      const { image, options } = await builds.withLibrary(mode, 'cpu-events', EVENTS);
      const { status, output } = runIn(
        image,
        ['/opt/qemu/bin/qemu-x86_64', ...options, '/guest/thread'],
        builds.mounts,
      );

      expect([status, output.split('\n')]).toEqual([
        0,
        ['CPU 0 START', 'CPU 1 START', 'CPU 1 STOP', 'CPU 1 START', 'CPU 1 STOP', ''],
      ]);
    },
    BUILD_LIMIT_MS,
  );
});
