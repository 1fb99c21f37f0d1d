// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Timed samples as newline-delimited JSON: one object a line, warm-up included (its `block` is 0).
 *
 * The fields are `Sample` of services/contract/sample.ts, with the job's id, project, branch and
 * commit. `schema` names the version, which changes if the meaning of a field changes, not if a
 * field is added.
 *
 * @see https://github.com/ndjson/ndjson-spec
 */
import type { Job } from '#contract/job.js';
import type { Sample } from '#contract/sample.js';

const SAMPLE_SCHEMA = 'qibench.sample/1';

/** Yields the file in pieces, one per batch of samples. */
export async function* writeNdjson(
  job: Job,
  batches: AsyncIterable<readonly Sample[]>,
): AsyncGenerator<string> {
  const { project = null, branch = null, commit = null } = job.request;
  const head = { schema: SAMPLE_SCHEMA, jobId: job.id, jobName: job.name, project, branch, commit };
  for await (const samples of batches)
    yield samples.map((sample) => `${JSON.stringify({ ...head, ...sample })}\n`).join('');
}
