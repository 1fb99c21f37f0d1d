// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';
import type { QueueEntry } from '#contract/queue.js';
import { about } from '../format/times.js';
import { ProgressBar } from './progress-bar.js';
import './job-progress.css';

/** Shows the progress of a job that has not ended, and its estimated start and end. */
export function JobProgress({
  entry,
  plan: { withinSeconds },
}: {
  entry: QueueEntry;
  plan: Pick<JobPlan, 'withinSeconds'>;
}) {
  const { state, position, blocksDone, blocks, lacking, estimatedStartAt, estimatedEndAt } = entry;
  if (lacking !== null) return <span className="soft">waits: {lacking}</span>;
  if (state === 'queued') {
    return (
      <span className="soft">
        {position === 1 ? 'next in the queue' : `number ${position} in the queue`}
        {estimatedStartAt !== null && `, starts in ${about(estimatedStartAt)}`}
      </span>
    );
  }
  const left = estimatedEndAt === null ? '' : `, ${about(estimatedEndAt)} left`;
  // The number of blocks that decide the comparisons is unknown beforehand, so the page draws no
  // bar.
  if (withinSeconds !== null)
    return (
      <span className="soft">
        {blocksDone} {blocksDone === 1 ? 'block' : 'blocks'}
        {left}
      </span>
    );
  const blocksText = `${blocksDone} of ${blocks} blocks`;
  return (
    <span className="job-progress">
      <ProgressBar done={blocksDone} total={blocks} label={blocksText} />
      <span className="soft">
        {blocksText}
        {left}
      </span>
    </span>
  );
}
