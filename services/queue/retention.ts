// SPDX-License-Identifier: GPL-2.0-or-later
import { trimAudit } from '#store/audit.js';
import { removeUnusedChunks } from '#store/chunks.js';
import { countUse } from '#store/project-use.js';
import { projectsToIngest } from '#store/history.js';
import { expireProfileFiles } from '#store/profiles.js';
import {
  projectsWithOldJobs,
  projectsWithOldPoints,
  removeOldFiles,
  removeOldJobs,
  removeOldPoints,
} from '#store/retention.js';
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
  /** Days after which points of histories are removed; 0: never. */
  readonly historyDays: number;
}

/**
 * Removes what its retention or its project's share no longer covers, trims the audit log, adds jobs
 * to the histories of their projects, and counts what projects store. Several processes may run it.
 *
 * @param ingest Adds the succeeded jobs of a project to its history.
 */
export function startRetention(
  store: Store,
  { traces, resultDays, historyDays }: RetentionLimits,
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
  /** Works for one project after another. A failure of one must not keep the data of others. */
  const forEach = async (
    projects: readonly string[],
    failure: string,
    work: (project: string) => Promise<void>,
  ) => {
    for (const project of projects)
      await work(project).catch((error: unknown) =>
        log.error({ err: error, project }, `${failure}; will be retried`),
      );
  };
  const removeJobs = async (project: string) => {
    if (project !== '') await ingest(project);
    count({ jobs: await removeOldJobs(store, project, resultDays) });
  };
  const limitOthers = async () => {
    // The quota of points counts stored points only.
    await forEach(await projectsToIngest(store), 'jobs not added to their history', ingest);
    if (resultDays > 0) {
      await forEach(
        await projectsWithOldJobs(store, resultDays),
        'old jobs not removed',
        removeJobs,
      );
      count(await removeOldFiles(store, resultDays));
    }
    if (historyDays > 0)
      await forEach(
        await projectsWithOldPoints(store, historyDays),
        'old points not removed',
        async (project) => count({ points: await removeOldPoints(store, project, historyDays) }),
      );
    count({ chunks: await removeUnusedChunks(store), audit: await trimAudit(store) });
    await countUse(store);
  };

  const loops = [repeat(TRACES_MS, limitTraces, log), repeat(OTHERS_MS, limitOthers, log)];
  return async () => void (await Promise.all(loops.map(({ stop }) => stop())));
}
