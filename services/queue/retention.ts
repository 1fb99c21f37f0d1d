// SPDX-License-Identifier: GPL-2.0-or-later
import { trimAudit } from '#store/audit.js';
import { removeUnusedChunks } from '#store/chunks.js';
import { countUse } from '#store/project-use.js';
import { expireProfileFiles } from '#store/profiles.js';
import { projectsWithOldJobs, removeOldFiles, removeOldJobs } from '#store/retention.js';
import type { Store } from '#store/store.js';
import { expireTraces, type TraceLimits } from '#store/trace-retention.js';
import { Counter } from '#telemetry/metrics.js';
import type { Telemetry } from '#telemetry/telemetry.js';
import { repeat } from './repeat.js';

/** Traces grow fastest. */
const TRACES_MS = 60_000;
const OTHERS_MS = 600_000;

export interface RetentionLimits {
  readonly traces: TraceLimits;
  /** Days after which ended jobs, imports and unused uploads are removed; 0: never. */
  readonly resultDays: number;
}

/**
 * Removes what its retention or its project's share no longer covers, trims the audit log, and
 * counts what projects store. Several processes may run it.
 *
 * @param ingest Adds the succeeded jobs of a project to its history, before they are removed.
 */
export function startRetention(
  store: Store,
  { traces, resultDays }: RetentionLimits,
  ingest: (project: string) => Promise<void>,
  telemetry: Pick<Telemetry, 'log' | 'metrics'>,
): () => Promise<void> {
  const log = telemetry.log.child({ task: 'retention' });
  const removed = new Counter({
    name: 'qibench_retention_removed_total',
    help: 'Rows and files that retention removed, and traces that lost records or summaries',
    labelNames: ['what'],
    registers: [telemetry.metrics],
  });
  const count = (counts: Readonly<Record<string, number>>) => {
    for (const [what, number] of Object.entries(counts)) removed.inc({ what }, number);
    if (Object.values(counts).some((number) => number > 0)) log.info(counts, 'stored data removed');
  };

  const limitTraces = async () => {
    const { old, overShare, summaries } = await expireTraces(store, traces);
    count({
      'profile-files': await expireProfileFiles(store, traces.days),
      'old-traces': old.length,
      'traces-over-share': overShare.length,
      'trace-summaries': summaries.length,
    });
  };
  const removeJobs = async (project: string) => {
    if (project !== '') await ingest(project);
    count({ jobs: await removeOldJobs(store, project, resultDays) });
  };
  const limitOthers = async () => {
    if (resultDays > 0) {
      for (const project of await projectsWithOldJobs(store, resultDays))
        // One project's failure must not keep the data of others.
        await removeJobs(project).catch((error: unknown) =>
          log.error({ err: error, project }, 'old jobs not removed; will be retried'),
        );
      count(await removeOldFiles(store, resultDays));
    }
    count({ chunks: await removeUnusedChunks(store), audit: await trimAudit(store) });
    await countUse(store);
  };

  const loops = [repeat(TRACES_MS, limitTraces, log), repeat(OTHERS_MS, limitOthers, log)];
  return async () => void (await Promise.all(loops.map(({ stop }) => stop())));
}
