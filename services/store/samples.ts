// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { findingMetrics } from '#contract/findings.js';
import type { Job } from '#contract/job.js';
import type { Metric, Noise, Sample, SampleKind } from '#contract/sample.js';
import { Prisma, type Sample as Row } from './generated/client.js';
import type { Store } from './store.js';
import { withBlockersTerminated } from './unblock.js';

/** A sample before the store gives it an id. */
export type NewSample = Omit<Sample, 'id' | 'traceId'>;

/** Stored size of a sample without its metrics and events. */
const ROW_BYTES = 512;

/** Fields of a sample whose size depends on what its run prints or its host reports. */
type Printed = 'metrics' | 'events' | 'noise';

/**
 * Inserts samples while the job is leased under the epoch, all or none, and in the same transaction
 * records that their block is finished.
 *
 * @param blocksDone Number of finished blocks; null: the block is not finished yet.
 * @returns Ids in the order of the samples.
 * @throws {LEASE_LOST} The job has another epoch.
 */
export async function insertSamples(
  store: Store,
  jobId: string,
  epoch: number,
  samples: readonly NewSample[],
  blocksDone: number | null = null,
): Promise<string[]> {
  const bytes = samples.reduce((sum, sample) => sum + bytesOf(sample), 0);
  return store.prisma.$transaction(async (transaction) => {
    const held = await transaction.$queryRaw<unknown[]>(
      Prisma.sql`
        UPDATE job
        SET blocks_done = greatest(blocks_done, ${blocksDone}::int),
          sample_bytes = sample_bytes + ${bytes}::bigint
        WHERE id = ${jobId}::uuid AND epoch = ${epoch} RETURNING 1`,
    );
    if (held.length === 0) throw new QibenchError('LEASE_LOST', { id: jobId, epoch });
    const rows = await transaction.sample.createManyAndReturn({
      data: samples.map((sample) => toRow(jobId, epoch, sample)),
      select: { id: true },
    });
    return rows.map(({ id }) => id.toString());
  });
}

/** Returns the approximate stored size of a sample. */
function bytesOf({ metrics, events }: NewSample): number {
  return ROW_BYTES + Buffer.byteLength(JSON.stringify([metrics, events]));
}

function toRow(jobId: string, epoch: number, sample: NewSample): Prisma.SampleCreateManyInput {
  return {
    jobId,
    epoch,
    batch: sample.batch,
    kind: sample.kind,
    block: sample.block,
    position: sample.position,
    side: sample.side,
    variant: sample.variant,
    group: sample.group,
    size: sample.size,
    sizeValue: sample.sizeValue,
    link: sample.link,
    cpus: sample.cpus,
    environmentBytes: sample.environmentBytes,
    stackBytes: sample.stackBytes,
    minorFaults: BigInt(sample.minorFaults),
    majorFaults: BigInt(sample.majorFaults),
    voluntarySwitches: BigInt(sample.voluntarySwitches),
    involuntarySwitches: BigInt(sample.involuntarySwitches),
    workload: sample.workload,
    wallNs: BigInt(sample.wallNs),
    userNs: BigInt(sample.userNs),
    systemNs: BigInt(sample.systemNs),
    maxRssBytes: BigInt(sample.maxRssBytes),
    exitStatus: sample.exitStatus,
    metrics: sample.metrics,
    events: sample.events ?? Prisma.DbNull,
    hostInstructions: sample.hostInstructions === null ? null : BigInt(sample.hostInstructions),
    guestInstructions: sample.guestInstructions === null ? null : BigInt(sample.guestInstructions),
    noise: sample.noise ?? Prisma.DbNull,
    hostFingerprint: sample.hostFingerprint,
    buildKey: sample.buildKey,
    startedAt: sample.startedAt,
  };
}

/** Adds the record counts of its trace to a sample. */
export async function setSampleRecords(
  store: Store,
  sampleId: string,
  records: { stored: number; dropped: number; events: Record<string, string> },
): Promise<void> {
  await store.prisma.sample.update({
    where: { id: BigInt(sampleId) },
    data: {
      recordsStored: BigInt(records.stored),
      recordsDropped: BigInt(records.dropped),
      events: records.events,
    },
  });
}

/**
 * Deletes the samples of a block that will be run again, or all instruction samples, together with
 * their traces.
 */
export async function discardBlock(
  store: Store,
  jobId: string,
  epoch: number,
  block: number | 'instructions',
): Promise<void> {
  const selection = block === 'instructions' ? ['instructions', null] : ['timed', block];
  await withBlockersTerminated(store, (client) =>
    client.query(
      `DELETE FROM sample
       USING job
       WHERE sample.job_id = $1
         AND job.id = $1
         AND job.epoch = $2
         AND sample.kind = $3
         AND ($4::int IS NULL OR sample.block = $4)`,
      [jobId, epoch, ...selection],
    ),
  );
}

/**
 * Returns a job's samples of one kind, or only some of them, in measuring order. Without `kind` it
 * returns timed samples, so that instruction samples never mix with timings.
 */
export async function listSamples(
  store: Store,
  jobId: string,
  kind: SampleKind = 'timed',
  filter: Prisma.SampleWhereInput = {},
  limit?: number,
): Promise<Sample[]> {
  const rows = await store.prisma.sample.findMany({
    where: { jobId, kind, ...filter },
    orderBy: [{ block: 'asc' }, { position: 'asc' }],
    ...(limit === undefined ? {} : { take: limit }),
  });
  const traces = await tracesOf(store, jobId, rows);
  return rows.map((row) =>
    toSample(row, traces, {
      metrics: row.metrics as Metric[],
      events: row.events as Record<string, string> | null,
      noise: row.noise as Noise | null,
    }),
  );
}

/**
 * Returns the samples of a job for figures: like `listSamples`, but without most of what the runs
 * printed, which may take 100 times the memory of the rest. The samples have the named metrics and
 * the metrics that the plan judges, with their last values. Counts of events are added up as
 * `total`. Noise is null.
 *
 * @param names Names of metrics. Fields of a sample are complete without their names.
 */
export async function listFigures(
  store: Store,
  { id: jobId, plan }: Pick<Job, 'id' | 'plan'>,
  names: readonly string[] = [],
  kind: SampleKind = 'timed',
): Promise<Sample[]> {
  const rows = await store.prisma.sample.findMany({
    where: { jobId, kind },
    orderBy: [{ block: 'asc' }, { position: 'asc' }],
    omit: { metrics: true, events: true, noise: true },
  });
  const printed = await store.pool.query<{
    id: string;
    metrics: Metric[] | null;
    total: string | null;
  }>(
    `SELECT id,
       (SELECT jsonb_agg(metric ORDER BY place)
        FROM (
          SELECT DISTINCT ON (metric->>'name') metric, place
          FROM jsonb_array_elements(metrics) WITH ORDINALITY AS printed (metric, place)
          WHERE metric->>'name' = ANY($3)
          ORDER BY metric->>'name', place DESC
        ) AS last) AS metrics,
       CASE WHEN jsonb_typeof(events) = 'object' THEN (
         SELECT coalesce(sum(count::numeric), 0)::text
         FROM jsonb_each_text(events) AS counted (name, count)
       ) END AS total
     FROM sample
     WHERE job_id = $1 AND kind = $2`,
    [jobId, kind, [...names, ...findingMetrics(plan.thresholds)]],
  );
  const printedOf = new Map(printed.rows.map((row) => [row.id, row]));
  const traces = await tracesOf(store, jobId, rows);
  return rows.map((row) => {
    const { metrics, total } = printedOf.get(row.id.toString()) ?? { metrics: null, total: null };
    return toSample(row, traces, {
      metrics: metrics ?? [],
      events: total === null ? null : { total },
      noise: null,
    });
  });
}

/** Returns the ids of the samples' traces, by the samples' ids. */
async function tracesOf(
  store: Store,
  jobId: string,
  rows: readonly Pick<Row, 'id'>[],
): Promise<ReadonlyMap<string, string>> {
  const traces = await store.pool.query<{ id: string; sample_id: string }>(
    'SELECT id, sample_id FROM trace WHERE job_id = $1 AND sample_id = ANY($2)',
    [jobId, rows.map(({ id }) => id)],
  );
  return new Map(traces.rows.map((row) => [row.sample_id, row.id]));
}

function toSample(
  row: Omit<Row, Printed>,
  traces: ReadonlyMap<string, string>,
  printed: Pick<Sample, Printed>,
): Sample {
  return {
    id: row.id.toString(),
    kind: row.kind as SampleKind,
    variant: row.variant,
    side: row.side as Sample['side'],
    workload: row.workload,
    batch: row.batch,
    block: row.block,
    position: row.position,
    group: row.group,
    size: row.size as Sample['size'],
    sizeValue: row.sizeValue,
    link: row.link,
    cpus: row.cpus,
    environmentBytes: row.environmentBytes,
    stackBytes: row.stackBytes,
    minorFaults: row.minorFaults.toString(),
    majorFaults: row.majorFaults.toString(),
    voluntarySwitches: row.voluntarySwitches.toString(),
    involuntarySwitches: row.involuntarySwitches.toString(),
    wallNs: row.wallNs.toString(),
    userNs: row.userNs.toString(),
    systemNs: row.systemNs.toString(),
    maxRssBytes: row.maxRssBytes.toString(),
    exitStatus: row.exitStatus,
    hostInstructions: row.hostInstructions?.toString() ?? null,
    guestInstructions: row.guestInstructions?.toString() ?? null,
    recordsStored: row.recordsStored?.toString() ?? null,
    recordsDropped: row.recordsDropped?.toString() ?? null,
    hostFingerprint: row.hostFingerprint,
    buildKey: row.buildKey,
    startedAt: row.startedAt.toISOString(),
    traceId: traces.get(row.id.toString()) ?? null,
    ...printed,
  };
}

/** Samples that are read at once; what a run printed may take 300 kB. */
const SAMPLES_AT_ONCE = 32;

/** Yields the samples of `listSamples`, some at a time. */
export async function* streamSamples(
  store: Store,
  jobId: string,
  kind: SampleKind = 'timed',
  filter: { workload?: string } = {},
): AsyncGenerator<Sample[]> {
  let last = { block: -1, position: -1 };
  for (;;) {
    const { block, position } = last;
    const after = [{ block: { gt: block } }, { position: { gt: position } }];
    const rest = { ...filter, block: { gte: block }, OR: after };
    const page = await listSamples(store, jobId, kind, rest, SAMPLES_AT_ONCE);
    yield page;
    if (page.length < SAMPLES_AT_ONCE) return;
    last = page.at(-1)!;
  }
}

/**
 * Returns a text that changes whenever a sample of the job is added, removed or completed, or a
 * profile is added.
 */
export async function samplesState(store: Store, jobId: string): Promise<string> {
  const { rows } = await store.pool.query<{ state: string }>(
    `SELECT concat_ws(' ', count(*), max(id), count(records_stored),
       (SELECT concat_ws(' ', count(*), max(taken_at)) FROM profile WHERE job_id = $1)) AS state
     FROM sample
     WHERE job_id = $1`,
    [jobId],
  );
  return rows[0]!.state;
}
