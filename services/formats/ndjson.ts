/**
 * Timed samples as newline-delimited JSON: one object a line, warm-up included (its `block` is 0).
 *
 * Source: https://github.com/ndjson/ndjson-spec; the fields are `Sample` of services/contract/sample.ts, with the job's
 * id, project, branch and commit. `schema` names the version; it changes when a field's meaning does, not when one is added.
 */
import type { Job } from '../contract/job.js';
import type { Sample } from '../contract/sample.js';

export const SAMPLE_SCHEMA = 'qibench.sample/1';

/** The file in pieces, one per batch of samples. */
export async function* writeNdjson(
  job: Job,
  batches: AsyncIterable<readonly Sample[]>,
): AsyncGenerator<string> {
  const { project = null, branch = null, commit = null } = job.request;
  const head = { schema: SAMPLE_SCHEMA, jobId: job.id, jobName: job.name, project, branch, commit };
  for await (const samples of batches)
    yield samples.map((sample) => `${JSON.stringify({ ...head, ...sample })}\n`).join('');
}
