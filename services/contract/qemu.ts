// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { EVENT_PATTERN } from './constants.js';

/**
 * QEMU targets that qibench builds: system emulators (`-softmmu`) and user-mode emulators
 * (`-linux-user`).
 */
export const TARGETS = [
  'x86_64-softmmu',
  'aarch64-softmmu',
  'x86_64-linux-user',
  'aarch64-linux-user',
  'riscv64-linux-user',
] as const;
export const Target = z.enum(TARGETS);
export type Target = z.infer<typeof Target>;

export const TargetKind = z.enum(['softmmu', 'linux-user']);
export type TargetKind = z.infer<typeof TargetKind>;

/** Returns whether a target is a system emulator or a user-mode emulator. */
export function targetKind(target: Target): TargetKind {
  return TargetKind.parse(target.slice(target.indexOf('-') + 1));
}

/** Returns the guest's architecture, as QEMU and GNU name it. */
export function architectureOf(target: Target): string {
  return target.slice(0, target.indexOf('-'));
}

/** Returns the name of a target's emulator, as QEMU's build names it. */
export function emulatorName(target: Target): string {
  return targetKind(target) === 'softmmu'
    ? `qemu-system-${architectureOf(target)}`
    : `qemu-${architectureOf(target)}`;
}

/**
 * A trace event's name, as tracetool accepts it, with a maximum length. Names are untrusted until
 * they are found in the event list of a QEMU tree.
 */
export const EventName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'an event name: letters, digits and _, at most 128');

/** An event name or a glob over event names (`*` and `?`). */
const EventPattern = z
  .string()
  .regex(EVENT_PATTERN, 'an event name or glob: letters, digits, _, * and ?, at most 128');

/** Globs have a lower limit because each is compared with every event; names are looked up. */
const PATTERN_LIMITS = { names: 8192, globs: 16 } as const;

export const EventPatterns = z
  .array(EventPattern)
  .max(PATTERN_LIMITS.names)
  .refine(
    (patterns) => patterns.filter((pattern) => /[*?]/.test(pattern)).length <= PATTERN_LIMITS.globs,
    `at most ${PATTERN_LIMITS.globs} globs`,
  );

export const TraceEventArgument = z.object({ type: z.string(), name: z.string() });
export type TraceEventArgument = z.infer<typeof TraceEventArgument>;

/** One trace event of a QEMU version, as its trace-events files declare it. */
export const TraceEvent = z.object({
  name: EventName,
  directory: z
    .string()
    .describe(
      'folder of the trace-events file, relative to the QEMU tree ("" is the root); ' +
        '"qapi" for events that QEMU\'s build generates',
    ),
  arguments: z.array(TraceEventArgument),
  properties: z.array(z.string()).describe('for example "disable" or "vcpu"'),
  kinds: z.array(TargetKind).describe('kinds of emulators that have the event'),
});
export type TraceEvent = z.infer<typeof TraceEvent>;

export const QemuVersion = z.object({
  version: z.string(),
  suite: z.string().describe('Debian suite whose source package and toolchain are used'),
  targets: z.array(Target),
  events: z.number().int().describe('number of trace events that the version declares'),
});
export type QemuVersion = z.infer<typeof QemuVersion>;

export const QemuVersionList = z.object({ versions: z.array(QemuVersion) });

export const EventQuery = z.strictObject({
  match: EventPattern.default('*').describe('glob over the whole name'),
  contains: z.string().max(128).optional().describe('part of the name, case-insensitive'),
  directory: z.string().max(256).optional().describe('prefix of the directory'),
  argument: z.string().max(128).optional().describe('part of the name or type of an argument'),
  kind: TargetKind.optional().describe('only events that emulators of this kind have'),
  enabled: z
    .stringbool()
    .default(false)
    .describe('leave out events that QEMU disables, as a glob in a job does'),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
});
export type EventQuery = z.infer<typeof EventQuery>;
export const EventList = z.object({
  version: z.string(),
  total: z.number().int(),
  events: z.array(TraceEvent),
});
export type EventList = z.infer<typeof EventList>;
