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
