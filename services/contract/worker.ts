// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { KnobReport } from './host.js';
import { Step } from './job-event.js';
import { JobState } from './job.js';
import { Target } from './qemu.js';
import { CapabilityName, WorkerRole } from './requires.js';

/** A feature of a worker's machine, detected when the worker starts. */
export const Capability = z.object({
  name: CapabilityName,
  available: z.boolean(),
  reason: z.string().nullable().describe('why it is not available'),
});
export type Capability = z.infer<typeof Capability>;

/** The job that a worker has leased, and its current step. */
const WorkerJob = z.object({
  id: z.uuid(),
  name: z.string(),
  state: JobState,
  step: Step.nullable().describe('step that began last; null before the first'),
  what: z.string().nullable(),
  blocksDone: z.number().int(),
  blocks: z.number().int().describe('blocks of one batch'),
});

/**
 * A process that builds and measures. A worker that stops disappears from the list at once, a
 * killed one after a day.
 */
export const Worker = z.object({
  id: z.string(),
  version: z.string(),
  hostFingerprint: z
    .string()
    .nullable()
    .describe('of the host when it measured last; null until it has measured'),
  cpuset: z.string().describe("CPUs that runs are pinned to, in the kernel's list syntax"),
  cores: z.number().int().describe('number of those CPUs'),
  role: WorkerRole,
  labels: z.array(z.string()).describe('set by its operator; jobs may require labels'),
  targets: z.array(Target),
  capabilities: z.array(Capability),
  knobs: z.array(KnobReport).describe('as they were when it started'),
  notReady: z
    .string()
    .nullable()
    .describe('why it takes no jobs now, for example a full disk; null if it takes jobs'),
  job: WorkerJob.nullable(),
  startedAt: z.iso.datetime(),
  seenAt: z.iso.datetime(),
  lost: z.boolean().describe('not seen for a minute'),
});
export type Worker = z.infer<typeof Worker>;

export const WorkerList = z.object({ workers: z.array(Worker) });
export type WorkerList = z.infer<typeof WorkerList>;
