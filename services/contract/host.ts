import { z } from 'zod';
import { Target } from './qemu.js';
import { BigNumber, Noise } from './sample.js';

/** One setting of a host that timings depend on, and what was done about it. */
export const KnobReport = z.object({
  name: z.enum(['governor', 'turbo', 'smt', 'thp', 'swap', 'aslr', 'priority']),
  value: z.string().nullable().describe('as it is now; null where the host does not say'),
  status: z
    .enum(['set', 'already', 'skipped'])
    .describe('set by us, as it should be already, or left as it is'),
  reason: z.string().nullable().describe('why it was skipped'),
});
export type KnobReport = z.infer<typeof KnobReport>;

/** What a job's QEMUs are compiled by and run in. Images that are built on the spot are alike on no two machines. */
export const EnvironmentFacts = z.object({
  base: z.string().describe('id of the base image'),
  runner: z.string().describe('id of the image that measured QEMUs run in'),
  compiler: z.string().describe('first line of `cc --version` in the toolchain'),
});
export type EnvironmentFacts = z.infer<typeof EnvironmentFacts>;

/** What a measuring host is. Samples of different fingerprints are not comparable. */
export const HostFingerprint = z.object({
  digest: z.string().describe('sha256 over all other fields; of the knobs, over their values'),
  cpuModel: z.string(),
  cpuFlags: z.string().describe('sha256 of the sorted flags'),
  microcode: z.string(),
  cores: z.number().int(),
  memoryBytes: z.number(),
  kernel: z.string(),
  docker: z.string(),
  runtime: z.string(),
  // What follows is missing in fingerprints from before it was part of them.
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

/** What A/A jobs say about a host; docs/statistics.md, "Is the host fit to judge?". */
export const Host = z.object({
  digest: z.string(),
  fingerprint: z
    .record(z.string(), z.unknown())
    .describe('HostFingerprint of the version that recorded it'),
  firstSeenAt: z.iso.datetime(),
  comparisons: z
    .number()
    .int()
    .describe('of head with base in A/A jobs: one per variant and workload'),
  alarms: z.number().int().describe('those that called a difference'),
  rate: z.number().nullable().describe('alarms / comparisons; null without comparisons'),
  low: z.number().describe('of the exact 95 % interval of the rate (Clopper and Pearson)'),
  high: z.number(),
  nominal: z.number().describe('the rate that there should be'),
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
        runSeconds: z.number().describe('of one run with everything around it'),
      }),
    )
    .describe('how guests varied when they were measured here last'),
  advisory: z
    .boolean()
    .describe('low is above nominal: verdicts of this host must not block anything'),
});
export type Host = z.infer<typeof Host>;

export const HostList = z.object({ hosts: z.array(Host) });
export type HostList = z.infer<typeof HostList>;

export const NoiseQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(2_000).default(200),
});

/** What was going on on a host while one timed sample ran. */
export const NoiseSample = z.object({
  at: z.iso.datetime(),
  wallNs: BigNumber.describe('how long the run took: what stolen time and pressure are shares of'),
  ...Noise.shape,
});
export type NoiseSample = z.infer<typeof NoiseSample>;

export const NoiseList = z.object({
  samples: z.array(NoiseSample).describe('the newest, oldest first'),
});
export type NoiseList = z.infer<typeof NoiseList>;
