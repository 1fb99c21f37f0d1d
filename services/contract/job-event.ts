// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { ErrorBody } from './error.js';
import { JobState } from './job.js';

/** Steps of a job, in the order in which a fresh machine runs them. */
export const Step = z.enum([
  'image',
  'source',
  'tree',
  'build',
  'instrumentation',
  'workload',
  'measure',
  'ingest',
]);
export type Step = z.infer<typeof Step>;

/**
 * Body of an event that `GET /v1/jobs/:id/events` streams: the `data` of a server-sent event, whose
 * id is the sequence number.
 */
export const JobEventBody = z.discriminatedUnion('type', [
  z.object({ type: z.literal('state'), state: JobState, error: ErrorBody.nullable() }),
  z.object({ type: z.literal('step-started'), step: Step, what: z.string() }),
  z.object({
    type: z.literal('step-progress'),
    step: Step,
    what: z.string(),
    done: z.number().int(),
    total: z.number().int(),
  }),
  z.object({
    type: z.literal('step-finished'),
    step: Step,
    what: z.string(),
    durationMs: z.number().int(),
    cached: z.boolean(),
    key: z.string().nullable(),
  }),
  z.object({
    type: z.literal('block'),
    block: z
      .number()
      .int()
      .describe('number of the finished block, counted through all batches; 0: the warm-up block'),
    blocks: z
      .number()
      .int()
      .describe('blocks of one batch; the maximum in a job that measures until decided'),
    withinSeconds: z.number().int().nullable().describe('null: a fixed number of blocks'),
    spentSeconds: z.number().describe('time spent in measured blocks so far'),
    undecided: z
      .number()
      .int()
      .describe('comparisons still being measured; 0 in a job with a fixed number of blocks'),
    remainingSeconds: z
      .number()
      .nullable()
      .describe('expected time until measuring ends; null without an estimate'),
    warmup: z.boolean(),
  }),
]);
export type JobEventBody = z.infer<typeof JobEventBody>;

export const JobEvent = z.object({
  sequence: z.number().int(),
  at: z.iso.datetime(),
  body: JobEventBody,
});
export type JobEvent = z.infer<typeof JobEvent>;

/** A piece of a job's log. */
export const LogChunk = z.object({ sequence: z.number().int(), step: Step, text: z.string() });
export type LogChunk = z.infer<typeof LogChunk>;

/** A place in the events or the log of a job; Postgres stores it in 32 bits. */
export const Sequence = z.coerce
  .number()
  .int()
  .min(0)
  .max(2 ** 31 - 1);

export const LogQuery = z.strictObject({
  after: Sequence.default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(500),
});
export const LogPage = z.object({
  chunks: z.array(LogChunk),
  next: z.number().int(),
  ended: z.boolean(),
});
export type LogPage = z.infer<typeof LogPage>;
