// SPDX-License-Identifier: GPL-2.0-or-later
import type { ErrorBody } from '#contract/error.js';
import { QibenchError } from '#contract/error.js';
import type { JobEventBody } from '#contract/job-event.js';
import type { Metric } from '#contract/sample.js';
import { shownVariant } from '#contract/side.js';
import { batchOf } from '#domain/batches.js';
import { scheduleBlock } from '#domain/schedule.js';
import { appendEvent } from '#store/events.js';
import { advanceJob, claimJob, getJob } from '#store/jobs.js';
import { appendLog } from '#store/logs.js';
import { insertSamples } from '#store/samples.js';
import type { Store } from '#store/store.js';
import { newSampleOf } from '../sample.js';

/** Enough blocks to decide comparisons with little variation. */
const BLOCKS_UNTIL_DECIDED = 24;

export interface Measured {
  /** Wall time in nanoseconds of a variant, shown as `none` or `none@base`, in batch 1 or 2. */
  readonly wallNs: (shown: string, batch: number, workload: string) => number;
  readonly userNs?: (shown: string) => number;
  /** Host fingerprint per block. */
  readonly host?: (block: number) => string;
  readonly metrics?: readonly Metric[];
}

/** Replaces a worker without building or measuring: stores the given results for a job. */
export class StandIn {
  constructor(private readonly store: Store) {}

  /** Claims a job and writes these events. */
  async take(jobId: string, says: readonly JobEventBody[] = []): Promise<number> {
    const { epoch } = (await claimJob(this.store, jobId, 'stand-in'))!;
    for (const body of says) await appendEvent(this.store, jobId, epoch, body);
    return epoch;
  }

  /** Stores both complete batches; the job succeeds. */
  async measure(
    jobId: string,
    { wallNs, userNs = () => 1e6, host = () => 'sha256:host', metrics = [] }: Measured,
    says: readonly JobEventBody[] = [],
  ): Promise<void> {
    const epoch = await this.take(jobId, says);
    const { plan } = (await getJob(this.store, jobId))!;
    await advanceJob(this.store, jobId, epoch, { type: 'built' });
    const last = plan.withinSeconds === null ? plan.blocks * plan.batches : BLOCKS_UNTIL_DECIDED;
    for (let block = 1; block <= last; block++) {
      const batch = batchOf(plan, block);
      const samples = scheduleBlock(plan, block).map(({ cpuDraw: _cpuDraw, ...run }) => {
        const shown = shownVariant({ name: run.variant, side: run.side });
        // Some spread, the same for all variants of a block: variants differ only by the given
        // times.
        const wall = wallNs(shown, batch, run.workload);
        return newSampleOf({
          ...run,
          batch,
          block,
          wallNs: String(Math.round(wall * (1 + (block % 5) / 1000 + run.position / 10_000))),
          userNs: String(Math.round(userNs(shown) * (1 + (block % 3) / 1000))),
          metrics: [...metrics],
          hostFingerprint: host(block),
          buildKey: `${run.side}'s`,
        });
      });
      await insertSamples(this.store, jobId, epoch, samples, block);
    }
    await advanceJob(this.store, jobId, epoch, { type: 'measured' });
  }

  /** Fails the job. */
  async fail(
    jobId: string,
    error: ErrorBody,
    log = '',
    says: readonly JobEventBody[] = [],
  ): Promise<void> {
    const epoch = await this.take(jobId, says);
    if (log !== '') await appendLog(this.store, jobId, epoch, 'instrumentation', log);
    await advanceJob(this.store, jobId, epoch, { type: 'failed', error: QibenchError.from(error) });
  }
}
