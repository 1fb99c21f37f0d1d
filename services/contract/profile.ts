// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { ProfileFormat } from './format.js';
import { BigNumber } from './sample.js';
import { Side } from './side.js';

/** Parts of the emulator's work. Every instruction or sample of a profile is in one of them. */
export const PROFILE_PARTS = [
  'translation',
  'translated-code',
  'execution-loop',
  'helpers',
  'devices',
  'instrumentation',
  'trace-backend',
  'memory-and-locks',
  'start-up',
  'idle',
] as const;
export const ProfilePart = z.enum(PROFILE_PARTS);
export type ProfilePart = z.infer<typeof ProfilePart>;

const cost = z.number().int().nonnegative().describe('in the unit of the profile');

/** A share of a profile's cost. */
const PartCost = z.object({ part: ProfilePart, self: cost });
export type PartCost = z.infer<typeof PartCost>;

/** Cost of a function's code that comes from one source file, as far as it belongs to one part. */
export const ProfileFunction = z.object({
  name: z.string(),
  object: z.string().describe('file name of the program or library'),
  file: z.string().describe("source file, relative to QEMU's source; empty: unknown"),
  part: ProfilePart,
  self: cost.describe('without called functions'),
  lines: z
    .array(z.object({ line: z.number().int(), self: cost }))
    .describe('most expensive lines first; lines without a noticeable cost are missing'),
});
export type ProfileFunction = z.infer<typeof ProfileFunction>;

/** A node of a call tree. The tree of callgrind is estimated from its call graph. */
export const ProfileFrame = z.object({
  parent: z.number().int().describe('index of the caller; -1: a root'),
  name: z.string(),
  part: ProfilePart,
  self: cost.describe('without the frames below'),
});
export type ProfileFrame = z.infer<typeof ProfileFrame>;

/** Facts of a profile: where one run of a variant with a workload spent its work. */
export const ProfileSummary = z.object({
  variant: z.string(),
  side: Side,
  workload: z.string(),
  method: z.enum(['callgrind', 'sampler']),
  unit: z.enum(['instructions', 'samples']),
  sizeValue: z
    .number()
    .int()
    .nullable()
    .describe("value of the workload's size parameter; null for workloads without one"),
  events: BigNumber.nullable().describe('events counted in the profiled run; null: not counted'),
  total: cost,
  split: z.array(PartCost).describe('all parts; they add up to the total'),
  fileBytes: z
    .number()
    .int()
    .nullable()
    .describe("bytes of the profiler's own file; null: it has expired"),
  takenAt: z.iso.datetime(),
});
export type ProfileSummary = z.infer<typeof ProfileSummary>;

/** A profile: a summary with its functions and its call tree. */
export const Profile = ProfileSummary.extend({
  functions: z.array(ProfileFunction).describe('most expensive first'),
  omitted: z.array(PartCost).describe('cost of the functions that are not listed, by part'),
  tree: z.array(ProfileFrame).describe('parents before their children'),
});
export type Profile = z.infer<typeof Profile>;

export const ProfileList = z.object({ profiles: z.array(ProfileSummary) });
export type ProfileList = z.infer<typeof ProfileList>;

/** Names the run of a profile. */
export const ProfileQuery = z.strictObject({
  variant: z.string().max(256),
  side: Side.default('head'),
  workload: z.string().max(1000).describe('label'),
});
export type ProfileQuery = z.infer<typeof ProfileQuery>;

export const ProfileExportQuery = ProfileQuery.extend({
  format: ProfileFormat.default('callgrind'),
});
