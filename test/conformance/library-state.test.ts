// SPDX-License-Identifier: GPL-2.0-or-later
import { Qemu, runIn } from '#support/qemu.js';
import {
  BUILD_LIMIT_MS,
  COUNT,
  emulator,
  endless,
  InstrumentedBuilds,
  longSuiteVersions,
  MODES,
  memoryGuest,
  portIo,
  WRITES,
} from '#support/instrumented-builds.js';

/** Matches equal counts, of several processors. */
const countsOf = (processors: number) =>
  new RegExp(
    `^BLOCKS ([1-9]\\d*) of \\1\nINSTRUCTIONS ([1-9]\\d*) of \\2\nCPUS ${processors}$`,
    'm',
  );

describe.each(longSuiteVersions)('QEMU %s', (version) => {
  const builds = new InstrumentedBuilds(version);
  const { mounts } = builds;
  beforeAll(() => builds.prepare(), BUILD_LIMIT_MS);
  afterAll(() => builds.remove());

  test.each([
    ['dynamic', `SET 1 1, auto 0, unavailable 0\nREADS 0 WRITES ${WRITES}\n`],
    ['static', 'SET 0 0, auto 0, unavailable 0\nREADS 0 WRITES 0\n'],
  ] as const)(
    '%s: events that have one callback give it different data; static callbacks cannot be set',
    async (mode, expected) => {
      const events = ['memory_region_ops_read', 'memory_region_ops_write'];
      const { image, options } = await builds.withLibrary(mode, 'data', events);
      const { status, output } = runIn(image, [emulator, ...portIo, ...options], mounts);

      expect([status, output]).toEqual([33, expected]);
    },
    BUILD_LIMIT_MS,
  );

  test.each(MODES)(
    '%s: a scoreboard has an element for each processor, and sums them',
    async (mode) => {
      const { image, options } = await builds.withLibrary(mode, 'scoreboard', ['guest_block_exec']);
      const one = runIn(image, [emulator, ...memoryGuest, ...options], mounts);
      const four = await Qemu.start(image, [emulator, ...endless, ...options], mounts);
      for (const cpu of [0, 1, 2, 3]) await four.waitForOutput(new RegExp(`^BEGUN ${cpu}$`, 'm'));
      await four.do('stop');
      const { status, output } = await four.quit();

      expect([one.status, one.output]).toEqual([33, expect.stringMatching(countsOf(1))]);
      expect(one.output).toMatch(
        new RegExp(`^INSTRUCTIONS (${6 + 6 * COUNT}|${7 + 6 * COUNT}) `, 'm'),
      );
      expect([status, output]).toEqual([0, expect.stringMatching(countsOf(4))]);
    },
    BUILD_LIMIT_MS,
  );
});
