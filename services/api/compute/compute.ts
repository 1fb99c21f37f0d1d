// SPDX-License-Identifier: GPL-2.0-or-later
import { setTimeout as after } from 'node:timers/promises';
import type { JobComparison } from '#contract/comparison.js';
import { QibenchError } from '#contract/error.js';
import type { ExplanationList } from '#contract/explanation.js';
import type { HistoryChange, HistoryPoint, SeriesKey } from '#contract/history.js';
import type { ImportRequest } from '#contract/import.js';
import { ENDED_STATES, type Job } from '#contract/job.js';
import type { MetricDefinition } from '#contract/metric.js';
import type { ProjectQuota } from '#contract/project-use.js';
import type { ReportedList } from '#contract/reported.js';
import type { GapQuery, TraceGaps } from '#contract/trace-query.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import type { REPORT_WRITERS } from '#formats/formats.js';
import { listDueSeries } from '#store/due-series.js';
import { hasJobsToIngest } from '#store/history.js';
import { listHosts } from '#store/hosts.js';
import { samplesState } from '#store/samples.js';
import type { Store } from '#store/store.js';
import { ResultCache } from './result-cache.js';
import { Pool } from './pool.js';
import type { ComparisonQuery, MeasuredJob } from './comparison.js';

/** Most comparisons take tens of kilobytes, the largest some hundred. */
const KEPT_COMPARISONS = 200;
const KEPT_SERIES = 2_000;
/** A JUnit or Markdown report takes tens of kilobytes. */
const KEPT_REPORTS = 50;
/** What runs printed takes kilobytes, with 10,000 different metrics two megabytes. */
const KEPT_REPORTED = 50;
/** An explanation has up to 100 functions for each variant and workload. */
const KEPT_EXPLAINED = 50;
/** The gaps of a trace take kilobytes, at most some hundred. */
const KEPT_GAPS = 200;
/** Time for which a request waits until alerts contain the newest points and marks. */
const UPDATE_WAIT_MS = 2_000;

/**
 * Runs CPU-heavy computations in threads, so that they do not delay other requests.
 * Caches each result while its samples or points stay the same.
 */
export class Compute {
  readonly #pool: Pool;
  readonly #comparisons = new ResultCache<JobComparison>(KEPT_COMPARISONS);
  readonly #metrics = new ResultCache<MetricDefinition[]>(KEPT_COMPARISONS);
  readonly #reported = new ResultCache<ReportedList>(KEPT_REPORTED);
  readonly #explained = new ResultCache<ExplanationList>(KEPT_EXPLAINED);
  readonly #reports = new ResultCache<string>(KEPT_REPORTS);
  /** Running updates of histories by project. */
  readonly #updates = new Map<string, Promise<void>>();
  /** Projects whose running update has more to do than fits into one task. */
  readonly #behind = new Set<string>();
  readonly #changes = new ResultCache<HistoryChange[]>(KEPT_SERIES);
  readonly #gaps = new ResultCache<TraceGaps>(KEPT_GAPS);

  constructor(
    private readonly store: Store,
    workloads: readonly WorkloadDefinition[],
  ) {
    this.#pool = new Pool({ databaseUrl: store.databaseUrl, workloads });
  }

  /**
   * Compares the samples of a job by a metric.
   * @throws {UNKNOWN_METRIC} The job's workloads do not have the metric.
   * @throws {MIXED_HOSTS} The samples come from several hosts and `mixedHosts` is false.
   */
  async compare(job: Job, asked: ComparisonQuery): Promise<JobComparison> {
    const key = JSON.stringify([job.id, asked.metric, asked.mixedHosts]);
    return this.#comparisons.get(key, await this.#stateOf(job), () =>
      this.#pool.run(projectOf(job), 'compare', { job: measured(job), asked }),
    );
  }

  /** Returns the metrics for which a job's samples have values. */
  async metrics(job: Job): Promise<MetricDefinition[]> {
    return this.#metrics.get(job.id, await this.#stateOf(job), () =>
      this.#pool.run(projectOf(job), 'metrics', measured(job)),
    );
  }

  /**
   * Returns the metrics that a job's runs printed. Postgres reads all of what they printed, so a
   * project has one such query at a time.
   */
  async reported(job: Job): Promise<ReportedList> {
    return this.#reported.get(job.id, await this.#stateOf(job), () =>
      this.#pool.run(projectOf(job), 'reported', measured(job)),
    );
  }

  /** Explains the differences of a job's costs by its profiles. */
  async explain(job: Job): Promise<ExplanationList> {
    return this.#explained.get(job.id, await this.#stateOf(job), () =>
      this.#pool.run(projectOf(job), 'explain', measured(job)),
    );
  }

  /**
   * Returns the results of a job in the format of another tool.
   * @throws {MIXED_HOSTS} The samples come from several hosts.
   */
  async report(job: Job, format: keyof typeof REPORT_WRITERS): Promise<string> {
    // A report also shows the job's state, and how far verdicts on its hosts can be trusted.
    const alarms = (await listHosts(this.store)).map(({ digest, alarms }) => [digest, alarms]);
    const state = JSON.stringify([job.state, await this.#stateOf(job), alarms]);
    return this.#reports.get(JSON.stringify([job.id, format]), state, () =>
      this.#pool.run(projectOf(job), 'report', { job, format }),
    );
  }

  /** Ingests succeeded jobs of a project into its history. */
  async ingestJobs(project: string): Promise<void> {
    if (await hasJobsToIngest(this.store, project))
      await this.#pool.run(project, 'ingest', project);
  }

  /**
   * Ingests succeeded jobs of a project into its history and updates its alerts. Waits for both for
   * at most `UPDATE_WAIT_MS`, and not at all while an earlier update has more to do than fits into
   * a task; the update goes on in the background.
   */
  async bringUpToDate(project: string): Promise<void> {
    if (this.#behind.has(project)) return;
    const update = this.#update(project).catch((error: unknown) => {
      // The project's other computations come first; what is stored can be read all the same.
      if (!(error instanceof QibenchError && error.code === 'UNAVAILABLE')) throw error;
    });
    await Promise.race([update, after(UPDATE_WAIT_MS, undefined, { ref: false })]);
  }

  /** Updates after the update that runs, if one does: it may miss the newest change. */
  async #update(project: string): Promise<void> {
    await this.#updates.get(project)?.catch(() => undefined);
    let update = this.#updates.get(project);
    if (update === undefined) {
      update = this.#updateNow(project).finally(() => {
        this.#updates.delete(project);
        this.#behind.delete(project);
      });
      this.#updates.set(project, update);
    }
    await update;
  }

  /** Other tasks of the project take turns with the update's tasks. */
  async #updateNow(project: string): Promise<void> {
    await this.ingestJobs(project);
    while ((await listDueSeries(this.store, project, 1)).length > 0)
      if (await this.#pool.run(project, 'alerts', project)) this.#behind.add(project);
  }

  /**
   * Reads and stores a document of another tool.
   * @returns The stored import as JSON.
   * @throws {BAD_IMPORT} The document does not match its format.
   * @throws {QUOTA_EXCEEDED} The project has too many imports or too many bytes of them.
   */
  async storeImport(request: ImportRequest, quota: ProjectQuota | null): Promise<string> {
    const { format, project, branch, commit, committedAt, variant, host, ...read } = request;
    const stored = await this.#pool.run(project, 'import', {
      target: { format, project, branch, commit, committedAt, variant, host },
      quota,
      document: read.document,
      direction: read.direction,
    });
    this.#update(project).catch(() => undefined);
    return stored;
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
      () => this.#pool.run(project, 'changes', points),
    );
  }

  /**
   * Returns the longest gaps of a trace of a job. Stored records never change.
   * @throws {INVALID_REQUEST} The trace has no event of that name.
   */
  gaps(job: Job, traceId: string, query: GapQuery): Promise<TraceGaps> {
    const { event, fromNs, toNs, limit } = query;
    return this.#gaps.get(
      JSON.stringify([traceId, event, String(fromNs), String(toNs), limit]),
      'stored',
      () => this.#pool.run(projectOf(job), 'gaps', { traceId, query }),
    );
  }

  /** Returns why results cannot be computed; null if they can. */
  problem(): Promise<string | null> {
    return this.#pool.problem();
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  /** Returns the state of a job's samples. Ended jobs get no new samples. */
  async #stateOf(job: Job): Promise<string> {
    return ENDED_STATES.includes(job.state) ? 'ended' : samplesState(this.store, job.id);
  }
}

const projectOf = ({ request }: Job): string | null => request.project ?? null;
const measured = ({ id, plan }: Job): MeasuredJob => ({ id, plan });
