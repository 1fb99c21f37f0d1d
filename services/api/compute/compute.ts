import type { JobComparison } from '../../contract/comparison.js';
import type { HistoryChange, HistoryPoint, SeriesKey } from '../../contract/history.js';
import type { Import, ImportedResult, ImportRequest } from '../../contract/import.js';
import { ENDED_STATES, type Job } from '../../contract/job.js';
import type { MetricDefinition } from '../../contract/metric.js';
import type { WorkloadDefinition } from '../../contract/workload.js';
import type { REPORT_WRITERS } from '../../formats/formats.js';
import { hasJobsToTakeIn } from '../../store/history.js';
import { samplesState } from '../../store/samples.js';
import type { Store } from '../../store/store.js';
import { KeptResults } from './kept-results.js';
import { ThreadPool } from './thread-pool.js';
import type { Asked } from './comparison.js';

/** The largest comparison is some hundred kilobytes, most are some ten. */
const KEPT_COMPARISONS = 200;
const KEPT_SERIES = 2_000;

/** Everything that takes the CPU for long, out of the way of other requests; what was made of the same samples or points is not made again. */
export class Compute {
  readonly #pool: ThreadPool;
  readonly #comparisons = new KeptResults<JobComparison>(KEPT_COMPARISONS);
  readonly #metrics = new KeptResults<MetricDefinition[]>(KEPT_COMPARISONS);
  readonly #changes = new KeptResults<HistoryChange[]>(KEPT_SERIES);

  constructor(
    private readonly store: Store,
    workloads: readonly WorkloadDefinition[],
  ) {
    this.#pool = new ThreadPool({ databaseUrl: store.databaseUrl, workloads });
  }

  /** Errors: UNKNOWN_METRIC, MIXED_HOSTS. */
  async compare(job: Job, asked: Asked): Promise<JobComparison> {
    const key = JSON.stringify([job.id, asked.metric, asked.mixedHosts]);
    return this.#comparisons.get(key, await this.#stateOf(job), () =>
      this.#pool.run('compare', { job, asked }),
    );
  }

  /** Metrics that a job's samples have values of. */
  async metrics(job: Job): Promise<MetricDefinition[]> {
    return this.#metrics.get(job.id, await this.#stateOf(job), () =>
      this.#pool.run('metrics', job),
    );
  }

  /** A job's results in the format of another tool. Errors: MIXED_HOSTS. */
  report(job: Job, format: keyof typeof REPORT_WRITERS): Promise<string> {
    return this.#pool.run('report', { job, format });
  }

  /** Take succeeded jobs of a project into its history, if there are any that are not in it. */
  async takeInJobs(project: string): Promise<void> {
    if (await hasJobsToTakeIn(this.store, project)) await this.#pool.run('takeIn', project);
  }

  storeImport(request: ImportRequest, results: readonly ImportedResult[]): Promise<Import> {
    return this.#pool.run('import', { request, results });
  }

  /** The change points of a series. Points are only ever added. */
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

  /** Nothing is measured any more of a job that has ended. */
  async #stateOf(job: Job): Promise<string> {
    return ENDED_STATES.includes(job.state) ? 'ended' : samplesState(this.store, job.id);
  }
}
