// SPDX-License-Identifier: GPL-2.0-or-later
import { calibrate } from '#domain/calibration.js';
import { jobTally } from '#store/job-tally.js';
import {
  countWorkers,
  outboxLag,
  alarmsOfHosts,
  queueDepth,
  readBriefly,
  storedBytes,
} from '#store/scrape.js';
import type { Store } from '#store/store.js';
import { traceShares, type TraceLimits } from '#store/trace-retention.js';
import { countDeliveries } from '#store/webhooks.js';
import type { Log } from '#telemetry/log.js';
import { Counter, Gauge, Registry } from '#telemetry/metrics.js';
import { withTimeLimit } from '#telemetry/readiness.js';

/** Limits per part. All parts are read at once, so a scrape ends before Prometheus times out. */
const STATEMENT_LIMIT_MS = 2_000;
const PART_LIMIT_MS = 3_000;
/** Maximum number of hosts in a scrape: a label must have few values. */
const HOST_LIMIT = 20;
const PROJECT_LIMIT = 20;

interface Values {
  readonly name: string;
  readonly help: string;
  readonly type?: typeof Counter | typeof Gauge;
  readonly labels?: readonly string[];
  readonly values: readonly { readonly labels?: Record<string, string>; readonly value: number }[];
}

const single = (name: string, help: string, value: number): Values => ({
  name,
  help,
  values: [{ value }],
});
const byState = (name: string, help: string, states: object): Values => ({
  name,
  help,
  labels: ['state'],
  values: Object.entries(states).map(([state, value]) => ({ labels: { state }, value })),
});

type Client = Parameters<Parameters<typeof readBriefly>[2]>[0];

const PARTS: Readonly<Record<string, (client: Client, limits: TraceLimits) => Promise<Values[]>>> =
  {
    async queue(client) {
      const { oldestQueuedSeconds, ...states } = await queueDepth(client);
      return [
        byState('qibench_jobs', 'Jobs that have not ended', states),
        single(
          'qibench_oldest_queued_job_age_seconds',
          'Seconds since the oldest queued job was accepted; 0 if the queue is empty',
          oldestQueuedSeconds,
        ),
      ];
    },
    async transitions(client) {
      const values = (await jobTally(client)).map(({ count, ...labels }) => ({
        labels,
        value: count,
      }));
      return [
        {
          name: 'qibench_job_transitions_total',
          help: 'Job transitions by event, resulting state and error',
          type: Counter,
          labels: ['event', 'state', 'kind', 'code'],
          values,
        },
      ];
    },
    async outbox(client) {
      const { rows, oldestSeconds } = await outboxLag(client);
      return [
        single(
          'qibench_outbox_unsent_rows',
          'Outbox rows that are due and not in the queue yet',
          rows,
        ),
        single(
          'qibench_outbox_oldest_unsent_age_seconds',
          'Seconds since the oldest unsent outbox row became due; 0 if all are sent',
          oldestSeconds,
        ),
      ];
    },
    async webhooks(client) {
      return [
        byState(
          'qibench_webhook_deliveries',
          'GitHub deliveries that request a job and are in progress or have failed',
          await countDeliveries(client),
        ),
      ];
    },
    async workers(client) {
      return [
        byState(
          'qibench_workers',
          'Workers seen within a day; lost if not seen for a minute',
          await countWorkers(client),
        ),
      ];
    },
    async hosts(client) {
      const hosts = (await alarmsOfHosts(client, HOST_LIMIT)).map(({ host, ...alarms }) => ({
        host,
        ...calibrate(alarms),
      }));
      const bounds = hosts.flatMap(({ host, low, high }) => [
        { labels: { host, bound: 'low' }, value: low },
        { labels: { host, bound: 'high' }, value: high },
      ]);
      return [
        {
          name: 'qibench_same_comparisons',
          help: 'A/A comparisons of a host',
          labels: ['host'],
          values: hosts.map(({ host, comparisons }) => ({ labels: { host }, value: comparisons })),
        },
        {
          name: 'qibench_false_alarm_ratio',
          help: 'Fraction of the A/A comparisons of a host that reported a difference',
          labels: ['host'],
          values: hosts.map(({ host, rate }) => ({ labels: { host }, value: rate! })),
        },
        {
          name: 'qibench_false_alarm_ratio_bound',
          help: 'Bounds of the exact 95 % interval of qibench_false_alarm_ratio',
          labels: ['host', 'bound'],
          values: bounds,
        },
      ];
    },
    async sizes(client) {
      const { database, traces } = await storedBytes(client);
      return [
        single('qibench_database_bytes', 'Size of the database on disk', database),
        single('qibench_trace_stored_bytes', 'Stored bytes of all traces', traces),
      ];
    },
    async shares(client, limits) {
      const { share, projects } = await traceShares(client, limits);
      return [
        {
          name: 'qibench_trace_project_bytes',
          help: 'Stored bytes of the traces of the projects that store most',
          labels: ['project'],
          values: projects
            .slice(0, PROJECT_LIMIT)
            .map(({ project, bytes }) => ({ labels: { project }, value: bytes })),
        },
        {
          name: 'qibench_trace_share_bytes',
          help: 'Bytes of traces that a project may store now; above it, it loses its oldest records',
          values: Number.isFinite(share) ? [{ value: share }] : [],
        },
      ];
    },
  };

/**
 * Creates the reader of the metrics whose values are in the store. All API processes report the
 * same values. The reader omits a part that cannot be read and counts the failure.
 * @returns Function that returns the metrics in Prometheus's text format.
 */
export function storeMetrics(
  registry: Registry,
  store: Store,
  log: Log,
  limits: TraceLimits,
): () => Promise<string> {
  const failures = new Counter({
    name: 'qibench_scrape_failures_total',
    help: 'Parts of a scrape that could not be read',
    labelNames: ['part'],
    registers: [registry],
  });
  for (const part of Object.keys(PARTS)) failures.inc({ part }, 0);

  const readAll = async () => {
    const read = await Promise.all(
      Object.entries(PARTS).map(([part, from]) =>
        withTimeLimit(
          PART_LIMIT_MS,
          readBriefly(store, STATEMENT_LIMIT_MS, (client) => from(client, limits)),
        ).catch((error: unknown) => {
          failures.inc({ part });
          log.warn({ err: error, scrapePart: part }, 'scrape part failed');
          return [];
        }),
      ),
    );
    return shown(read.flat());
  };
  let reading: Promise<string> | null = null;
  // Concurrent scrapes share one read.
  return () => (reading ??= readAll().finally(() => (reading = null)));
}

/** Formats values by a new registry each time, so that labels without a value disappear. */
async function shown(all: readonly Values[]): Promise<string> {
  const registers = [new Registry()];
  for (const { name, help, type = Gauge, labels = [], values } of all) {
    const metric = new type({ name, help, labelNames: [...labels], registers });
    for (const { labels: labelValues = {}, value } of values) metric.inc(labelValues, value);
  }
  return registers[0]!.metrics();
}
