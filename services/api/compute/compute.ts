// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobComparison } from '#contract/comparison.js';
import type { HistoryChange, HistoryPoint, SeriesKey } from '#contract/history.js';
import type { Import, ImportedResult, ImportRequest } from '#contract/import.js';
import { ENDED_STATES, type Job } from '#contract/job.js';
import type { MetricDefinition } from '#contract/metric.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import type { REPORT_WRITERS } from '#formats/formats.js';
import { hasJobsToIngest } from '#store/history.js';
import { samplesState } from '#store/samples.js';
import type { Store } from '#store/store.js';
import { ResultCache } from './result-cache.js';
import { ThreadPool } from './thread-pool.js';
import type { ComparisonQuery } from './comparison.js';

/** Most comparisons take tens of kilobytes, the largest some hundred. */
const KEPT_COMPARISONS = 200;
const KEPT_SERIES = 2_000;

/**
 * Runs CPU-heavy computations in threads, so that they do not delay other requests.
 * Caches each result while its samples or points stay the same.
 */
export class Compute {
  readonly #pool: ThreadPool;
  readonly #comparisons = new ResultCache<JobComparison>(KEPT_COMPARISONS);
  readonly #metrics = new ResultCache<MetricDefinition[]>(KEPT_COMPARISONS);
  readonly #changes = new ResultCache<HistoryChange[]>(KEPT_SERIES);

  constructor(
    private readonly store: Store,
    workloads: readonly WorkloadDefinition[],
  ) {
    this.#pool = new ThreadPool({ databaseUrl: store.databaseUrl, workloads });
  }

  /**
   * Compares the samples of a job by a metric.
   * @throws {UNKNOWN_METRIC} when the job's workloads do not have the metric.
   * @throws {MIXED_HOSTS} when the samples come from several hosts and `mixedHosts` is false.
   */
  async compare(job: Job, asked: ComparisonQuery): Promise<JobComparison> {
    const key = JSON.stringify([job.id, asked.metric, asked.mixedHosts]);
    return this.#comparisons.get(key, await this.#stateOf(job), () =>
      this.#pool.run('compare', { job, asked }),
    );
  }

  /** Returns the metrics for which a job's samples have values. */
  async metrics(job: Job): Promise<MetricDefinition[]> {
    return this.#metrics.get(job.id, await this.#stateOf(job), () =>
      this.#pool.run('metrics', job),
    );
  }

  /**
   * Returns the results of a job in the format of another tool.
   * @throws {MIXED_HOSTS} when the samples come from several hosts.
   */
  report(job: Job, format: keyof typeof REPORT_WRITERS): Promise<string> {
    return this.#pool.run('report', { job, format });
  }

  /** Ingests succeeded jobs of a project into its history, if any are missing there. */
  async ingestJobs(project: string): Promise<void> {
    if (await hasJobsToIngest(this.store, project)) await this.#pool.run('takeIn', project);
  }

  storeImport(request: ImportRequest, results: readonly ImportedResult[]): Promise<Import> {
    return this.#pool.run('import', { request, results });
  }

  /**
   * Returns the change points of a series. Points are only added, so their number and the newest
   * id identify the state of the series.
   */
  changes(key: SeriesKey, points: readonly HistoryPoint[]): Promise<HistoryChange[]> {
    const { project, branch, workload, variant, metric } = key;
    const newest = points.reduce(
      (newest, { id }) => (BigInt(id) > newest ? BigInt(id) : newest),
      0n,
    );
    return this.#changes.get(
      JSON.stringify([project, branch, workload, variant, metric]),
      `${points.length} ${newest}`,
      () => this.#pool.run('changes', points),
    );
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  /** Returns the state of a job's samples. Ended jobs get no new samples. */
  async #stateOf(job: Job): Promise<string> {
    return ENDED_STATES.includes(job.state) ? 'ended' : samplesState(this.store, job.id);
  }
}
