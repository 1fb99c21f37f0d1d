// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { ConfigureOptions } from './configure.js';
import { storable } from './project.js';
import { EventName, EventPatterns, Target } from './qemu.js';
import { PinnedSource, qemuSource } from './source.js';
import { Digest } from './upload.js';

/** The sides of a job: head is measured, base is the reference for head. */
export const Side = z.enum(['head', 'base']);
export type Side = z.infer<typeof Side>;

/** Name of a variant in a request. The plan of a sweep appends the swept values to it. */
export const VariantName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'lower-case letters, digits and -, at most 32');

/** One side of a job, fully resolved. */
export const PlannedSide = z.object({
  qemu: z.object({
    version: z.string(),
    target: Target,
    source: PinnedSource.optional().describe("absent: Debian's package of the version"),
    patches: Digest.nullable(),
    configure: z.array(z.string()).optional().describe("options for configure beside qibench's"),
    port: z
      .string()
      .nullable()
      .optional()
      .describe(
        'version whose patches make the source instrumentable, found by trying; null: none applies; ' +
          'absent: not tried, as for a version',
      ),
    portReason: z.string().optional().describe('the reject of the nearest series, if none applies'),
  }),
  events: z.array(EventName).describe('the patterns expanded, sorted'),
  instrumentation: Digest.nullable(),
});
export type PlannedSide = z.infer<typeof PlannedSide>;

/**
 * Creates the schema of a baseline object, with `folder` as the schema of a reference to a folder.
 */
const baselineObject = <F extends z.ZodType<string>>(folder: F) =>
  z
    .strictObject({
      job: z
        .uuid()
        .optional()
        .describe(
          'take QEMU, source, patches, events and instrumentation from this job; the other fields override them',
        ),
      version: storable(z.string().max(32)).optional().describe('another QEMU version'),
      source: qemuSource(folder)
        .nullable()
        .optional()
        .describe("another source; null, or absent with a version: Debian's package"),
      patches: folder
        .nullable()
        .optional()
        .describe('another patch series for the QEMU source; null: none'),
      configure: ConfigureOptions.optional().describe('other options for configure; []: none'),
      events: EventPatterns.optional(),
      instrumentation: folder.optional(),
      instrumentations: z
        .record(VariantName, folder)
        .optional()
        .describe('of variants that have an instrumentation of their own, by name'),
    })
    .refine(
      (baseline) => Object.keys(baseline).length > 0,
      'must name at least one difference; to compare a job with itself, write "same"',
    );

const Same = z.literal('same');
const WRITTEN = {
  error:
    '"same", or an object that names what differs: job, version, source, patches, ' +
    'configure, events, instrumentation, instrumentations',
};

/** Base side of a job. Omitted fields are as on the head side. `same`: an A/A job. */
export const Baseline = z.union([Same, baselineObject(Digest)], WRITTEN);
export type Baseline = z.infer<typeof Baseline>;

/** A baseline in a job file, where `patches` and `instrumentation` may name folders. */
export const BaselineInFile = z.union([Same, baselineObject(z.string().min(1))], WRITTEN);

/**
 * Returns the name of a variant where both sides are shown: `static` for head, `static@base` for
 * base.
 */
export function shownVariant(variant: { readonly name: string; readonly side: Side }): string {
  return variant.side === 'base' ? `${variant.name}@base` : variant.name;
}
