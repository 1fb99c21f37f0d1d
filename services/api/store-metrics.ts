import { calibrate } from '../domain/calibration.js';
import { jobTally } from '../store/job-tally.js';
import {
  countWorkers,
  outboxLag,
  alarmsOfHosts,
  queueDepth,
  readBriefly,
  storedBytes,
} from '../store/scrape.js';
import type { Store } from '../store/store.js';
import { countDeliveries } from '../store/webhooks.js';
import type { Log } from '../telemetry/log.js';
import { Counter, Gauge, Registry } from '../telemetry/metrics.js';
import { within } from '../telemetry/readiness.js';

/** All parts are read at once, so a scrape takes no longer: less than Prometheus waits. */
const STATEMENT_LIMIT_MS = 2_000;
const PART_LIMIT_MS = 3_000;
/** Of hosts: a label has to have few values. */
const HOST_LIMIT = 20;

interface Values {
  readonly name: string;
  readonly help: string;
  readonly type?: typeof Counter | typeof Gauge;
  readonly labels?: readonly string[];
  readonly values: readonly { readonly labels?: Record<string, string>; readonly value: number }[];
}

const one = (name: string, help: string, value: number): Values => ({
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

const PARTS: Readonly<Record<string, (client: Client) => Promise<Values[]>>> = {
  async queue(client) {
    const { oldestQueuedSeconds, ...states } = await queueDepth(client);
    return [
      byState('qibench_jobs', 'Jobs that have not ended', states),
      one(
        'qibench_oldest_queued_job_age_seconds',
        'Since the oldest queued job was accepted; 0 if none waits',
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
        help: 'What happened to jobs, the state that it brought them into, and the error',
        type: Counter,
        labels: ['event', 'state', 'kind', 'code'],
        values,
      },
    ];
  },
  async outbox(client) {
    const { rows, oldestSeconds } = await outboxLag(client);
    return [
      one(
        'qibench_outbox_unsent_rows',
        'Announcements that are due and not in the queue yet',
        rows,
      ),
      one(
        'qibench_outbox_oldest_unsent_age_seconds',
        'How long the oldest of them has been due; 0 if there is none',
        oldestSeconds,
      ),
    ];
  },
  async webhooks(client) {
    return [
      byState(
        'qibench_webhook_deliveries',
        'Deliveries of GitHub that asked for a job and are on their way, or have failed',
        await countDeliveries(client),
      ),
    ];
  },
  async workers(client) {
    return [
      byState(
        'qibench_workers',
        'Workers of the last day, lost if not seen for a minute',
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
        help: 'Part of the A/A comparisons of a host that called a difference',
        labels: ['host'],
        values: hosts.map(({ host, rate }) => ({ labels: { host }, value: rate! })),
      },
      {
        name: 'qibench_false_alarm_ratio_bound',
        help: 'Ends of the exact 95 % interval of that',
        labels: ['host', 'bound'],
        values: bounds,
      },
    ];
  },
  async sizes(client) {
    const { database, traces } = await storedBytes(client);
    return [
      one('qibench_database_bytes', 'Size of the database on disk', database),
      one('qibench_trace_stored_bytes', 'Bytes of the stored records of all traces', traces),
    ];
  },
};

/** Metrics whose values are in the store, the same for every API process. Returns what reads them, as a scrape shows them; a part that cannot be read is left out, and counted. */
export function storeMetrics(registry: Registry, store: Store, log: Log): () => Promise<string> {
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
        within(PART_LIMIT_MS, readBriefly(store, STATEMENT_LIMIT_MS, from)).catch(
          (error: unknown) => {
            failures.inc({ part });
            log.warn({ err: error, scrapePart: part }, 'not read for a scrape');
            return [];
          },
        ),
      ),
    );
    return shown(read.flat());
  };
  let reading: Promise<string> | null = null;
  return () => (reading ??= readAll().finally(() => (reading = null))); // scrapes at one time share what is read
}

/** In a registry of their own each time: nothing stays of what is no longer there. */
async function shown(all: readonly Values[]): Promise<string> {
  const registers = [new Registry()];
  for (const { name, help, type = Gauge, labels = [], values } of all) {
    const metric = new type({ name, help, labelNames: [...labels], registers });
    for (const { labels: given = {}, value } of values) metric.inc(given, value);
  }
  return registers[0]!.metrics();
}
