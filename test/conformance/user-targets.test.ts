// SPDX-License-Identifier: GPL-2.0-or-later
import { architectureOf } from '#contract/qemu.js';
import {
  COMPARED_EVENTS,
  type ComparedCounts,
  CountedTarget,
  expectSameCounts,
  SEGMENT_ACCESSES,
  testedTargets,
} from '#support/compared-counts.js';
import { BUILD_LIMIT_MS } from '#support/instrumented-builds.js';

const GUESTS = {
  matmult: ['/guest/matmult', '64'],
  threads: ['/guest/processes', 'threads'],
  fork: ['/guest/processes', 'fork'],
  signals: ['/guest/processes', 'signals'],
} as const;
type Guest = keyof typeof GUESTS;

/**
 * Most accesses of a signal of x86: QEMU saves and restores the registers as instructions would.
 * 7.2's plugin sees some of them: it takes those after an indirect jump for accesses of the jump.
 */
const FRAME = 256n;

describe.each(await testedTargets('linux-user'))('QEMU %s %s', (version, target) => {
  const counted = new CountedTarget(version);
  beforeAll(async () => {
    await counted.prepare(target, COMPARED_EVENTS);
    await counted.builds.compileGuest('matmult', 'workloads/matmult/matmult.c');
    await counted.builds.compileGuest('processes', 'qemu/test/guest/processes.c');
  }, 2 * BUILD_LIMIT_MS);
  afterAll(() => counted.builds.remove());

  /** Expects the counts that a guest must have. */
  function expectCounts(guest: Guest, counts: ComparedCounts): void {
    const { processes, output } = counts;
    const x86 = architectureOf(target) === 'x86_64';
    const segments = x86 ? SEGMENT_ACCESSES * processes : 0n;
    const signals = BigInt(/^SIGNALS (\d+)$/m.exec(output)?.[1] ?? 0);
    expect([guest, processes, signals > 0n]).toEqual([
      guest,
      guest === 'fork' ? 3n : 1n,
      guest === 'signals',
    ]);
    // With threads, 7.2's plugin adds without atomics, and sees one access in an atomic operation.
    const loses = version === '7.2' && (guest === 'threads' || guest === 'fork');

    expectSameCounts(version, counts, {
      least: segments,
      most: loses ? null : segments + (x86 ? FRAME * signals : 0n),
    });
  }

  test.each(Object.keys(GUESTS) as Guest[])(
    '%s: guest events are those that bb, insn and mem see',
    (guest) => expectCounts(guest, counted.run('dynamic', GUESTS[guest])),
    BUILD_LIMIT_MS,
  );

  test(
    'static: guest events are those that bb, insn and mem see',
    () => {
      for (const guest of Object.keys(GUESTS) as Guest[])
        expectCounts(guest, counted.run('static', GUESTS[guest]));
    },
    BUILD_LIMIT_MS,
  );
});
