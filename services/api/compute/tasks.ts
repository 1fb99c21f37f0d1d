// SPDX-License-Identifier: GPL-2.0-or-later
import type { HistoryChange, HistoryPoint } from '#contract/history.js';
import type { Import, ImportedResult, ImportRequest } from '#contract/import.js';
import type { Job } from '#contract/job.js';
import { seriesChanges } from '#domain/series.js';
import { REPORT_WRITERS } from '#formats/formats.js';
import { storeImport, ingestJobs } from '#store/history.js';
import { compareMeasured, measuredMetrics, type ComparisonQuery } from './comparison.js';
import { reportOf } from './report.js';
import type { TaskContext } from './task-context.js';

/**
 * Tasks that are too heavy for the thread that answers requests.
 * Inputs and results are plain data, since they are copied between threads.
 */
export const TASKS = {
  compare: (context: TaskContext, { job, asked }: { job: Job; asked: ComparisonQuery }) =>
    compareMeasured(context, job, asked),
  metrics: (context: TaskContext, job: Job) => measuredMetrics(context, job),
  report: async (
    context: TaskContext,
    { job, format }: { job: Job; format: keyof typeof REPORT_WRITERS },
  ): Promise<string> => REPORT_WRITERS[format](await reportOf(context, job)),
  takeIn: ({ store, workloads }: TaskContext, project: string): Promise<void> =>
    ingestJobs(store, workloads, project),
  import: (
    { store }: TaskContext,
    { request, results }: { request: ImportRequest; results: readonly ImportedResult[] },
  ): Promise<Import> => storeImport(store, request, results),
  changes: async (_: TaskContext, points: readonly HistoryPoint[]): Promise<HistoryChange[]> =>
    seriesChanges(points),
} as const;

type Tasks = typeof TASKS;
export type TaskName = keyof Tasks;
export type TaskInput<N extends TaskName> = Parameters<Tasks[N]>[1];
export type TaskResult<N extends TaskName> = Awaited<ReturnType<Tasks[N]>>;
