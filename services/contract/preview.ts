// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { JobPlan } from './job.js';

/** Answer to `POST /v1/jobs/plan`: the plan and the cost of a job that is not submitted. */
export const JobPreview = z.object({
  plan: JobPlan,
  builds: z.number().int().describe('different builds; a cached one is not built again'),
  libraries: z.number().int().describe('instrumentations and plugins that are compiled to load'),
  runs: z.number().int().describe('measured runs, at most'),
  runsPerBlock: z.number().int(),
  buildSeconds: z
    .number()
    .nullable()
    .describe('if nothing is cached, from earlier builds of the target; null without one'),
  measureSeconds: z.number().describe('at most, without builds'),
  blocksWithin: z
    .number()
    .int()
    .nullable()
    .describe(
      'blocks that fit in the time of a job that measures until decided; null: a fixed number',
    ),
  fewestBlocks: z
    .number()
    .int()
    .nullable()
    .describe('fewest blocks that can decide one of its comparisons; null without a comparison'),
  assumed: z
    .boolean()
    .describe('no host has measured some guest yet, so that the length of a run is assumed'),
});
export type JobPreview = z.infer<typeof JobPreview>;
