import { z } from 'zod';

/** What a measuring host is. Samples of different fingerprints are not comparable. */
export const HostFingerprint = z.object({
  digest: z.string().describe('sha256 over all other fields'),
  cpuModel: z.string(),
  cpuFlags: z.string().describe('sha256 of the sorted flags'),
  microcode: z.string(),
  cores: z.number().int(),
  memoryBytes: z.number(),
  kernel: z.string(),
  docker: z.string(),
  runtime: z.string(),
});
export type HostFingerprint = z.infer<typeof HostFingerprint>;

/** What A/A jobs say about a host; docs/statistics.md, "Is the host fit to judge?". */
export const Host = z.object({
  digest: z.string(),
  fingerprint: z.record(z.string(), z.unknown()).describe('HostFingerprint of the version that recorded it'),
  firstSeenAt: z.iso.datetime(),
  comparisons: z.number().int().describe('of head with base in A/A jobs: one per variant and workload'),
  alarms: z.number().int().describe('those that called a difference'),
  rate: z.number().nullable().describe('alarms / comparisons; null without comparisons'),
  low: z.number().describe('of the exact 95 % interval of the rate (Clopper and Pearson)'),
  high: z.number(),
  nominal: z.number().describe('the rate that there should be'),
  advisory: z.boolean().describe('low is above nominal: verdicts of this host must not block anything'),
});
export type Host = z.infer<typeof Host>;

export const HostList = z.object({ hosts: z.array(Host) });
export type HostList = z.infer<typeof HostList>;
