// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { Target } from './qemu.js';
import { Noise } from './sample.js';

/** A host setting that affects timings, with the action taken on it. */
export const KnobReport = z.object({
  name: z.enum(['governor', 'turbo', 'smt', 'thp', 'swap', 'aslr', 'priority']),
  value: z.string().nullable().describe('current value; null if the host does not report it'),
  status: z
    .enum(['set', 'already', 'skipped'])
    .describe('set by qibench, already correct, or left unchanged'),
  reason: z.string().nullable().describe('why it was skipped'),
});
export type KnobReport = z.infer<typeof KnobReport>;

/**
 * Compiler and images that a job's QEMUs are built with and run in. Locally built images differ
 * between machines.
 */
export const EnvironmentFacts = z.object({
  base: z.string().describe('id of the base image'),
  runner: z.string().describe('id of the image that measured QEMUs run in'),
  compiler: z.string().describe('first line of `cc --version` in the toolchain'),
});
export type EnvironmentFacts = z.infer<typeof EnvironmentFacts>;

/** Identity of a measuring host. Samples with different fingerprints are not comparable. */
export const HostFingerprint = z.object({
  digest: z.string().describe('sha256 over all other fields; for knobs, over their values only'),
  cpuModel: z.string(),
  cpuFlags: z.string().describe('sha256 of the sorted flags'),
  microcode: z.string(),
  cores: z.number().int(),
  memoryBytes: z.number(),
  kernel: z.string(),
  docker: z.string(),
  runtime: z.string(),
  // Fingerprints of earlier versions lack the fields below.
  cpuset: z
    .string()
    .optional()
    .describe("CPUs that runs are pinned to, in the kernel's list syntax"),
  knobs: z.array(KnobReport).optional(),
  environments: z
    .array(EnvironmentFacts)
    .optional()
    .describe('one for each QEMU version of the job'),
});
export type HostFingerprint = z.infer<typeof HostFingerprint>;

/**
 * A measuring host, with the false alarms of its A/A jobs.
 *
 * @see docs/statistics.md, "Is the host fit to judge?"
 */
export const Host = z.object({
  digest: z.string(),
  fingerprint: z
    .record(z.string(), z.unknown())
    .describe('HostFingerprint of the version that recorded it'),
  firstSeenAt: z.iso.datetime(),
  comparisons: z
    .number()
    .int()
    .describe(
      'comparisons of head with base in A/A jobs of administrators within 90 days: ' +
        'one per variant and workload',
    ),
  alarms: z.number().int().describe('comparisons that reported a difference'),
  rate: z.number().nullable().describe('alarms / comparisons; null without comparisons'),
  low: z
    .number()
    .describe('lower end of the exact 95 % interval of the rate (Clopper and Pearson)'),
  high: z.number(),
  nominal: z.number().describe('expected rate'),
  guests: z
    .array(
      z.object({
        target: Target,
        workload: z.string().describe('label'),
        noiseSd: z.number().describe("robust standard deviation of a block's log ratio"),
        layoutSd: z
          .number()
          .nullable()
          .describe('standard deviation over links of the same objects; null before an A/A job'),
        runSeconds: z.number().describe('duration of one run, including its setup'),
      }),
    )
    .describe('noise of the guests that this host measured last, at most 100'),
  advisory: z
    .boolean()
    .describe('low is above nominal, so verdicts of this host must not block anything'),
});
export type Host = z.infer<typeof Host>;

export const HostList = z.object({ hosts: z.array(Host) });
export type HostList = z.infer<typeof HostList>;

/** The A/A comparisons of a host that an administrator removed. */
export const VoidedEvidence = z.object({ comparisons: z.number().int() });
export type VoidedEvidence = z.infer<typeof VoidedEvidence>;

export const NoiseQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(2_000).default(200),
});

const Share = z.number().nullable().describe("share of the run's time, in steps of 0.001");

/**
 * Activity on a host during one timed sample of any project: coarse, so that it does not tell how
 * long the run took.
 */
export const NoiseSample = z.object({
  at: z.iso.datetime().describe('minute in which the run started'),
  stealShare: Share.describe('time given to other guests, summed over the measuring CPUs'),
  pressureShare: z
    .object({ cpu: Share, io: Share, memory: Share })
    .describe('time in which some task of the host waited for the resource, at most 1'),
  load: Noise.shape.load,
  frequencyHz: Noise.shape.frequencyHz,
});
export type NoiseSample = z.infer<typeof NoiseSample>;

export const NoiseList = z.object({
  samples: z.array(NoiseSample).describe('the newest samples, oldest first'),
});
export type NoiseList = z.infer<typeof NoiseList>;
