import { z } from 'zod';
import { storable } from './project.js';
import { EventName, EventPatterns, Target } from './qemu.js';
import { Digest } from './upload.js';

/** What a job is about, and what that is compared with. */
export const Side = z.enum(['head', 'base']);
export type Side = z.infer<typeof Side>;

/** One side of a job, with nothing left open. */
export const PlannedSide = z.object({
  qemu: z.object({ version: z.string(), target: Target, patches: Digest.nullable() }),
  events: z.array(EventName).describe('the patterns expanded, sorted'),
  instrumentation: Digest.nullable(),
});
export type PlannedSide = z.infer<typeof PlannedSide>;

/** A baseline as an object, where folders are named by what `folder` accepts. */
const baselineObject = <F extends z.ZodType<string>>(folder: F) =>
  z
    .strictObject({
      job: z
        .uuid()
        .optional()
        .describe(
          'take QEMU, patches, events and instrumentation of this job; the other fields change them further',
        ),
      version: storable(z.string().max(32)).optional().describe('another QEMU version'),
      patches: folder
        .nullable()
        .optional()
        .describe('another patch series on the source of QEMU; null: none'),
      events: EventPatterns.optional(),
      instrumentation: folder.optional(),
    })
    .refine(
      (baseline) => Object.keys(baseline).length > 0,
      'names nothing that differs; to compare a job with itself, write "same"',
    );

const Same = z.literal('same');
const WRITTEN = {
  error:
    '"same", or an object that names what differs: job, version, patches, events, instrumentation',
};

/** What the base side of a job is; what it does not name is as on the head side. `same`: an A/A job. */
export const Baseline = z.union([Same, baselineObject(Digest)], WRITTEN);
export type Baseline = z.infer<typeof Baseline>;

/** A baseline in a job file, where `patches` and `instrumentation` may name folders. */
export const BaselineInFile = z.union([Same, baselineObject(z.string().min(1))], WRITTEN);

/** How a variant is called where both sides are shown: `static` is head's, `static@base` is base's. */
export function shownVariant(variant: { readonly name: string; readonly side: Side }): string {
  return variant.side === 'base' ? `${variant.name}@base` : variant.name;
}
