import { z } from 'zod';

/** Something that a machine may have, which its worker looks for at its start. */
export const CapabilityName = z.enum(['kvm', 'perf']);
export type CapabilityName = z.infer<typeof CapabilityName>;

/** What an operator calls a kind of machine. */
export const Label = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    'lower-case letters, digits and . _ -, beginning with a letter or digit, at most 63',
  );
export const LABELS_MAXIMUM = 16;

/** What a job needs of the worker that measures it, beside its target. One host measures the whole job, so variants have no needs of their own. */
export const Requires = z.strictObject({
  labels: z.array(Label).max(LABELS_MAXIMUM).default([]).describe('all of them'),
  capabilities: z.array(CapabilityName).max(CapabilityName.options.length).default([]),
  cores: z
    .number()
    .int()
    .min(1)
    .max(4_096)
    .default(1)
    .describe('CPUs that runs are pinned to, at least'),
});
export type Requires = z.infer<typeof Requires>;

/**
 * Which of a project's jobs is next: a step is worth an hour of waiting. Between projects it changes nothing, but
 * `urgent`, which needs the scope admin, goes before every project's.
 */
export const Priority = z.enum(['low', 'normal', 'high', 'urgent']);
export type Priority = z.infer<typeof Priority>;

/** Build workers build and hand over; measuring workers take what is built; most workers do both. */
export const WorkerRole = z.enum(['both', 'build', 'measure']);
export type WorkerRole = z.infer<typeof WorkerRole>;
