// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { Target } from './qemu.js';
import { Side } from './side.js';

/** All inputs of a variant's build. Equal inputs have the same key, and the build is reused. */
export const BuildInputs = z.object({
  source: z.string().describe("digest of the QEMU source, including the job's patches"),
  patches: z.string().describe('digest of overlay and patch series'),
  toolchain: z
    .string()
    .describe("digest of the toolchain image's inputs and its resolved packages"),
  target: Target,
  configure: z.array(z.string()),
  backends: z.array(z.string()),
  instrument: z.enum(['none', 'dynamic', 'static']),
  events: z.array(z.string()),
  instrumentation: z.string().nullable().describe('digest; part of the key only in static mode'),
  links: z.number().int().min(1).default(1).describe('number of links requested'),
});
export type BuildInputs = z.infer<typeof BuildInputs>;

/** A finished build of one variant. */
export const Build = z.object({
  variant: z.string(),
  side: Side,
  key: z.string(),
  inputs: BuildInputs,
  binaryDigest: z.string(),
  links: z
    .number()
    .int()
    .min(1)
    .default(1)
    .describe('number of working links, numbered from 0; 1: only the emulator as built'),
  image: z.string(),
  cached: z.boolean(),
  durationMs: z.number().int(),
});
export type Build = z.infer<typeof Build>;

export const BuildList = z.object({ builds: z.array(Build) });
