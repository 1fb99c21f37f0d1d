// SPDX-License-Identifier: GPL-2.0-or-later
import { printable } from '#client/printable.js';
import type { Build } from '#contract/build.js';
import type { Comparison } from '#contract/comparison.js';
import type { Job } from '#contract/job.js';
import { loadBundle, sendUploads } from './bundle.js';
import { Client } from './client.js';
import type { Context } from './context.js';
import { followJob } from './progress.js';
import { compareOutcomes } from './reproduce.js';
import { showJob } from './show-job.js';
import { reproductionText } from './table.js';

/** Branch of the rerun in the history of the token's project, which stays out of the others. */
const BRANCH = 'reproduced';

/**
 * Runs a job again, waits for it and prints how its results compare with the original ones. Sets
 * exit status 1 if the job does not succeed or a result differs.
 * @param jobOrFile Id of the job, or a bundle file.
 * @param from URL of the service that has the job; default: the service that runs it again.
 * @throws {BAD_BUNDLE} The bundle is malformed.
 */
export async function reproduceJob(
  context: Context,
  jobOrFile: string,
  from: string | undefined,
): Promise<void> {
  const client = context.client();
  const bundle = await loadBundle(
    from === undefined
      ? client
      : new Client(from, context.settings().QIBENCH_FROM_TOKEN ?? undefined, '--from'),
    jobOrFile,
  );
  await sendUploads(client, jobOrFile, bundle);
  const accepted = await client.post<Job>('/v1/jobs', { ...bundle.job, branch: BRANCH });
  const job = await followJob(client, accepted.id, process.stderr);
  if (job.state !== 'succeeded') {
    await showJob(context, job);
    process.exitCode = 1;
    return;
  }
  const { builds } = await client.get<{ builds: Build[] }>(`/v1/jobs/${job.id}/builds`);
  const comparison = await client.get<Comparison>(`/v1/jobs/${job.id}/comparison`);
  const reproduction = compareOutcomes(bundle.expected, {
    workloads: job.plan.workloads,
    builds,
    comparison,
  });
  context.print(
    { job, comparison, reproduction },
    () => `${job.id}  ${printable(job.name)}\n${reproductionText(reproduction)}`,
  );
  if (!reproduction.reproduced) process.exitCode = 1;
}
