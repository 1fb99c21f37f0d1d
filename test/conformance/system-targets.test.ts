// SPDX-License-Identifier: GPL-2.0-or-later
import type { Target } from '#contract/qemu.js';
import {
  COMPARED_EVENTS,
  CountedTarget,
  expectSameCounts,
  JUMP_EVENTS,
  testedTargets,
} from '#support/compared-counts.js';
import { BUILD_LIMIT_MS } from '#support/instrumented-builds.js';

/**
 * Most accesses of an exception or interrupt: x86 reads the gate, the segment and the stack's
 * address, and writes a frame.
 */
const FRAME: Partial<Record<Target, bigint>> = { 'x86_64-softmmu': 12n };

describe.each(await testedTargets('softmmu'))('QEMU %s %s', (version, target) => {
  const counted = new CountedTarget(version);
  let boot: readonly string[];
  beforeAll(async () => {
    await counted.prepare(target, [...COMPARED_EVENTS, ...JUMP_EVENTS]);
    boot = await counted.builds.addWorkload('linux-boot');
  }, 2 * BUILD_LIMIT_MS);
  afterAll(() => counted.builds.remove());

  test.each([
    ['-smp 1', 'dynamic', ['-smp', '1']],
    ['-smp 4', 'dynamic', ['-smp', '4']],
    ['-icount', 'dynamic', ['-icount', 'shift=0,sleep=off']],
    ['static -smp 1', 'static', ['-smp', '1']],
    ['static -smp 4', 'static', ['-smp', '4']],
  ] as const)(
    '%s: in a boot of Linux, guest events are those that bb, insn and mem see',
    (_, mode, options) => {
      const counts = counted.run(mode, [...boot, ...options]);
      // 7.2's plugin adds without atomics, and sees one access in an atomic operation of a helper.
      const loses = version === '7.2' && options.join(' ') === '-smp 4';

      expect(counts.output).toContain('QIBENCH boot.uptime=');
      expectSameCounts(version, counts, {
        least: 0n,
        most: loses ? null : counts.jumps * (FRAME[target] ?? 0n),
      });
    },
    BUILD_LIMIT_MS,
  );
});
