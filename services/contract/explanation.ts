// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { ProfilePart } from './profile.js';
import { Side } from './side.js';

const cost = z.number().describe('in the unit of the profiles');

/** Change of a cost from a reference to a variant. */
const Change = z.object({
  before: cost.describe('of the reference'),
  after: cost.describe('of the variant'),
  low: cost
    .nullable()
    .describe('lower end of the interval of after − before, at 95 %; null: counted, not sampled'),
  high: cost.nullable(),
});

export const PartChange = Change.extend({ part: ProfilePart });
export type PartChange = z.infer<typeof PartChange>;

export const FunctionChange = Change.extend({
  name: z.string(),
  object: z.string(),
  file: z.string(),
  part: ProfilePart,
  line: z.number().int().nullable().describe('line that changed most; null: unknown'),
});
export type FunctionChange = z.infer<typeof FunctionChange>;

/** One line of an explanation: a function with its share of the whole change. */
export const Cause = FunctionChange.extend({
  share: z
    .number()
    .describe(
      'share of the change of the work, or of the start-up; shares of causes may exceed 1 together',
    ),
  perEvent: z.number().nullable().describe('change per event; null: events were not counted'),
});
export type Cause = z.infer<typeof Cause>;

/** Explains why a variant costs more or less than its reference, from their profiles. */
export const Explanation = z.object({
  about: z.enum(['overhead', 'side']).describe('variant over baseline, or head over base'),
  variant: z.string(),
  side: Side,
  workload: z.string(),
  subject: z.string().describe('the variant with its side, as in reports'),
  reference: z.string().describe('what it is compared with, likewise'),
  unit: z.enum(['instructions', 'samples']),
  before: cost.describe('of the reference, without its start-up'),
  after: cost.describe('of the variant, without its start-up'),
  startUp: z
    .object({ before: cost, after: cost })
    .describe('paid once per run, whatever the work: a profiled run may do a part of it only'),
  causes: z
    .array(Cause)
    .describe(
      'at most three, which explain most of the change: of the work or, if only that changed, of the start-up',
    ),
});
export type Explanation = z.infer<typeof Explanation>;

/** An explanation with all its changes. */
export const FullExplanation = Explanation.extend({
  parts: z.array(PartChange),
  functions: z.array(FunctionChange).describe('largest change first, the start-up last'),
});
export type FullExplanation = z.infer<typeof FullExplanation>;

export const ExplanationList = z.object({ explanations: z.array(FullExplanation) });
export type ExplanationList = z.infer<typeof ExplanationList>;
