import type { ErrorBody } from '../../services/contract/error.js';
import { QibenchError } from '../../services/contract/error.js';
import type { JobEventBody } from '../../services/contract/job-event.js';
import type { Metric } from '../../services/contract/sample.js';
import { shownVariant } from '../../services/contract/side.js';
import { batchOf } from '../../services/domain/batches.js';
<<<<<<< HEAD
=======
import { undecided } from '../../services/domain/decisions.js';
>>>>>>> main
import { scheduleBlock } from '../../services/domain/schedule.js';
import { appendEvent } from '../../services/store/events.js';
import { advanceJob, claimJob, getJob } from '../../services/store/jobs.js';
import { appendLog } from '../../services/store/logs.js';
import { insertSamples } from '../../services/store/samples.js';
import type { Store } from '../../services/store/store.js';
<<<<<<< HEAD
import { newSampleOf } from '../sample.js';

/** Enough to decide what hardly varies. */
const BLOCKS_UNTIL_DECIDED = 24;
=======
import { sampleOf } from '../sample.js';
>>>>>>> main

export interface Measured {
  /** Wall time of a variant, shown as `none` or `none@base`, in batch 1 or 2, in nanoseconds. */
  readonly wallNs: (shown: string, batch: number, workload: string) => number;
  readonly userNs?: (shown: string) => number;
  /** Of a block. */
  readonly host?: (block: number) => string;
  readonly metrics?: readonly Metric[];
}

/** What a worker does with a job, without building or measuring: what it leaves in the store is given. */
export class StandIn {
  constructor(private readonly store: Store) {}

  /** Take a job, and say this about it. */
  async take(jobId: string, says: readonly JobEventBody[] = []): Promise<number> {
    const { epoch } = (await claimJob(this.store, jobId, 'stand-in'))!;
    for (const body of says) await appendEvent(this.store, jobId, epoch, body);
    return epoch;
  }

  /** Both batches, whole, and the job has succeeded. */
  async measure(
    jobId: string,
    { wallNs, userNs = () => 1e6, host = () => 'sha256:host', metrics = [] }: Measured,
    says: readonly JobEventBody[] = [],
  ): Promise<void> {
    const epoch = await this.take(jobId, says);
    const { plan } = (await getJob(this.store, jobId))!;
    await advanceJob(this.store, jobId, epoch, { type: 'built' });
<<<<<<< HEAD
    const last = plan.withinSeconds === null ? plan.blocks * plan.batches : BLOCKS_UNTIL_DECIDED;
    for (let block = 1; block <= last; block++) {
      const batch = batchOf(plan, block);
      const samples = scheduleBlock(plan, block).map(({ cpuDraw: _cpuDraw, ...run }) => {
        const shown = shownVariant({ name: run.variant, side: run.side });
        // Some spread, the same for all variants of a block: what differs is what was given.
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
=======
    const samples: Sample[] = [];
    for (let block = 1; block <= plan.blocks * plan.batches; block++) {
      if (plan.withinSeconds !== null && undecided(plan, samples).length === 0) break;
      const batch = batchOf(plan, block);
      for (const { variant, side, workload, position, group, size, link } of scheduleBlock(
        plan,
        block,
      )) {
        const shown = shownVariant({ name: variant, side });
        // Some spread, the same for all variants of a block: what differs is what was given.
        samples.push(
          sampleOf({
            variant,
            side,
            workload,
            batch,
            block,
            position,
            group,
            size,
            link,
            wallNs: String(
              Math.round(
                wallNs(shown, batch, workload) * (1 + (block % 5) / 1000 + position / 10_000),
              ),
            ),
            userNs: String(Math.round(userNs(shown) * (1 + (block % 3) / 1000))),
            metrics: [...metrics],
            hostFingerprint: host(block),
            buildKey: `key of ${side}`,
            startedAt: new Date().toISOString(),
          }),
        );
      }
    }
    await insertSamples(this.store, jobId, epoch, samples, samples.at(-1)!.block);
>>>>>>> main
    await advanceJob(this.store, jobId, epoch, { type: 'measured' });
  }

  /** The job has failed. */
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
