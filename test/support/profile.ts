// SPDX-License-Identifier: GPL-2.0-or-later
import { gzipSync } from 'node:zlib';
import { PROFILE_PARTS, type ProfileFunction } from '#contract/profile.js';
import type { NewProfile } from '#store/profiles.js';

/** Content of the profiler's own file in `newProfile`. */
export const PROFILER_FILE = '# callgrind format\nevents: Ir\n';

/** A function of the emulator in a device model, with optional overrides. */
export function profileFunction(details: Partial<ProfileFunction> = {}): ProfileFunction {
  return {
    name: 'serial_write',
    object: 'qemu-system-x86_64',
    file: 'hw/char/serial.c',
    part: 'devices',
    self: 1_000_000,
    lines: [{ line: 12, self: 1_000_000 }],
    ...details,
  };
}

/** A profile of `none` with workload `w` from its functions, with optional overrides. */
export function newProfile(
  functions: readonly ProfileFunction[] = [profileFunction()],
  details: Partial<NewProfile> = {},
): NewProfile {
  return {
    variant: 'none',
    side: 'head',
    workload: 'w',
    method: 'callgrind',
    unit: 'instructions',
    sizeValue: null,
    events: null,
    total: functions.reduce((sum, { self }) => sum + self, 0),
    split: PROFILE_PARTS.map((part) => ({
      part,
      self: functions.reduce((sum, one) => sum + (one.part === part ? one.self : 0), 0),
    })),
    functions: [...functions],
    omitted: PROFILE_PARTS.map((part) => ({ part, self: 0 })),
    tree: functions.map(({ name, part, self }) => ({ parent: -1, name, part, self })),
    file: gzipSync(PROFILER_FILE),
    fileBytes: PROFILER_FILE.length,
    takenAt: '2026-11-30T12:00:00.000Z',
    ...details,
  };
}
