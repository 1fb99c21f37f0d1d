// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';

/**
 * A feature of a machine, detected when its worker starts. The last three are QEMU's trace backends
 * that record with a part of the host.
 */
export const CapabilityName = z.enum(['kvm', 'perf', 'dtrace', 'ftrace', 'syslog']);
export type CapabilityName = z.infer<typeof CapabilityName>;

/** Label that an operator gives to a kind of machine. */
export const Label = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    'lower-case letters, digits and . _ -, beginning with a letter or digit, at most 63',
  );
const LABELS_MAXIMUM = 16;

/**
 * Requirements of a job on the worker that measures it, in addition to its target. One host
 * measures the whole job, so variants have no requirements of their own.
 */
export const Requires = z.strictObject({
  labels: z.array(Label).max(LABELS_MAXIMUM).default([]).describe('all are required'),
  capabilities: z.array(CapabilityName).max(CapabilityName.options.length).default([]),
  cores: z
    .number()
    .int()
    .min(1)
    .max(4_096)
    .default(1)
    .describe('minimum number of CPUs that runs are pinned to'),
});
export type Requires = z.infer<typeof Requires>;

/**
 * Order among a project's jobs: one step counts as much as an hour of waiting. It has no effect
 * between projects, except that `urgent`, which requires the scope admin, precedes the jobs of all
 * projects.
 */
export const Priority = z.enum(['low', 'normal', 'high', 'urgent']);
export type Priority = z.infer<typeof Priority>;

/**
 * Build workers build and hand over; measuring workers take jobs that are built; most workers do
 * both.
 */
export const WorkerRole = z.enum(['both', 'build', 'measure']);
export type WorkerRole = z.infer<typeof WorkerRole>;
