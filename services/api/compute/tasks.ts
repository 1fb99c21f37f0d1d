// SPDX-License-Identifier: GPL-2.0-or-later
import type { ExplanationList } from '#contract/explanation.js';
import type { HistoryChange, HistoryPoint } from '#contract/history.js';
import type { ImportRequest } from '#contract/import.js';
import { declaredMetrics } from '#contract/metric.js';
import type { Job } from '#contract/job.js';
import type { ProjectQuota } from '#contract/project-use.js';
import type { ReportedList } from '#contract/reported.js';
import type { GapQuery, TraceGaps } from '#contract/trace-query.js';
import { seriesChanges } from '#domain/series.js';
import { readDocument, REPORT_WRITERS } from '#formats/formats.js';
import type { ImportTarget } from '#store/history.js';
import { listReported } from '#store/reported.js';
import { readGaps } from '#store/trace-gaps.js';
import {
  compareMeasured,
  explained,
  measuredMetrics,
  type ComparisonQuery,
  type MeasuredJob,
} from './comparison.js';
import { ingestJobs, storeImport, updateAlerts } from './history.js';
import { reportOf } from './report.js';
import type { TaskContext } from './task-context.js';

/** The fields of an import that its results depend on. */
interface ImportInput extends Pick<ImportRequest, 'document' | 'direction'> {
  readonly target: ImportTarget;
  readonly quota: ProjectQuota | null;
}

/**
 * Tasks that are too heavy for the thread that answers requests.
 * Inputs and results are plain data, since they are copied between threads.
 */
export const TASKS = {
  ping: async (): Promise<null> => null,
  compare: (context: TaskContext, { job, asked }: { job: MeasuredJob; asked: ComparisonQuery }) =>
    compareMeasured(context, job, asked),
  metrics: (context: TaskContext, job: MeasuredJob) => measuredMetrics(context, job),
  explain: (context: TaskContext, job: MeasuredJob): Promise<ExplanationList> =>
    explained(context, job),
  reported: ({ store }: TaskContext, job: MeasuredJob): Promise<ReportedList> =>
    listReported(store, job),
  report: async (
    context: TaskContext,
    { job, format }: { job: Job; format: keyof typeof REPORT_WRITERS },
  ): Promise<string> => REPORT_WRITERS[format](await reportOf(context, job)),
  ingest: ({ store, workloads }: TaskContext, project: string): Promise<void> =>
    ingestJobs(store, workloads, project),
  /** Returns the stored import as JSON, which may hold ten thousand results. */
  import: async (
    { store, workloads }: TaskContext,
    { target, quota, document, direction }: ImportInput,
  ): Promise<string> => {
    const declared = declaredMetrics(workloads);
    const results = readDocument(target.format, document, direction, declared);
    return JSON.stringify(await storeImport(store, target, results, quota));
  },
  /** Returns whether series remain whose alerts are not up to date. */
  alerts: ({ store }: TaskContext, project: string): Promise<boolean> =>
    updateAlerts(store, project),
  changes: async (_: TaskContext, points: readonly HistoryPoint[]): Promise<HistoryChange[]> =>
    seriesChanges(points),
  gaps: (
    { store }: TaskContext,
    { traceId, query }: { traceId: string; query: GapQuery },
  ): Promise<TraceGaps> => readGaps(store.pool, traceId, query),
} as const;

type Tasks = typeof TASKS;
export type TaskName = keyof Tasks;
export type TaskInput<N extends TaskName> = Parameters<Tasks[N]>[1];
export type TaskResult<N extends TaskName> = Awaited<ReturnType<Tasks[N]>>;
