// SPDX-License-Identifier: GPL-2.0-or-later
import type { Job, JobPlan, JobRequest } from '#contract/job.js';
import type { PlannedSide } from '#contract/side.js';
import type { WorkloadUpload } from '#contract/workload-upload.js';
import { sourceWords } from '#contract/source-words.js';
import { readCatalogue } from '#catalogue/catalogue.js';
import { sourceKey, type SourceFacts } from '#domain/catalogue.js';
import { planJob } from '#domain/plan.js';
import { sidesOf } from '#domain/plan-sides.js';
import { waitForHost } from '../host/wait.js';
import type { JobContext } from '../job/job-context.js';
import { patchesOf, sideSource } from './side-source.js';
import { choosePort } from './port.js';
import { ensureTree } from './tree.js';
import { treeEvents } from './tree-events.js';

/**
 * Completes an open plan: looks into the sources, tries the ports, and plans the job again with what
 * it found. The same sources give the same plan on every worker.
 *
 * @returns The complete plan; null if the plan is complete already.
 * @throws {PORT_MISSING} All variants need a port, and none applies.
 * @throws {UNKNOWN_EVENT} A source lacks an event of the request.
 * @throws Errors of sources, trees and of planJob.
 */
export async function completePlan(job: JobContext): Promise<JobPlan | null> {
  const { plan } = job.job;
  if (plan.open !== true) return null;
  await using _host = await waitForHost(job.context, job.context.lockFolder, 'build');
  const { head, base } = sidesOf(job.job);
  const sources = new Map<string, SourceFacts>();
  for (const { qemu } of [head, ...(base === null ? [] : [base])]) {
    const key = sourceKey(qemu);
    if (qemu.source !== undefined && !sources.has(key)) sources.set(key, await lookInto(job, qemu));
  }
  const catalogue = { ...(await readCatalogue(job.context.rootDir)), sources };
  const completed = planJob(
    pinnedRequest(job.job),
    catalogue,
    plan.seed,
    typeof job.job.request.baseline === 'object' && job.job.request.baseline.job !== undefined
      ? base
      : null,
    [],
    uploadedIn(plan),
  );
  // The estimates are from the time when the job was accepted.
  const { links, expected } = plan;
  return { ...completed, links, expected };
}

async function lookInto(job: JobContext, qemu: PlannedSide['qemu']): Promise<SourceFacts> {
  const { context } = job;
  const { version, target, configure: options = [] } = qemu;
  const { entry, toolchain, source } = await sideSource(job, qemu);
  const port = await choosePort(context, source, version);
  if (job.job.request.check === 'port') return { events: [], port: port.name, reason: port.reason };
  const tree = await ensureTree(
    context,
    {
      version,
      entry,
      source,
      port: patchesOf(port.name),
      toolchain,
      options,
      target,
      backends: ['log'],
    },
    'none',
  );
  const events = await treeEvents(context, tree.tag, target, sourceWords(qemu.source!));
  return { events, port: port.name, reason: port.reason };
}

/** Returns a job's request with the sources of its plan, which name commits. */
function pinnedRequest(job: Pick<Job, 'plan' | 'request'>): JobRequest {
  const { request } = job;
  const { head, base } = sidesOf(job);
  const { baseline } = request;
  return {
    ...request,
    qemu: {
      ...request.qemu,
      ...(head.qemu.source === undefined ? {} : { source: head.qemu.source }),
    },
    ...(typeof baseline === 'object' && baseline.source != null
      ? { baseline: { ...baseline, source: base!.qemu.source! } }
      : {}),
  };
}

/** Returns the uploaded workloads of a plan, by digest. */
function uploadedIn({ workloads }: JobPlan): Map<string, WorkloadUpload> {
  return new Map(
    workloads.flatMap(({ uploaded }) =>
      uploaded === undefined ? [] : [[uploaded.digest, uploaded]],
    ),
  );
}
