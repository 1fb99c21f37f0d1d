// SPDX-License-Identifier: GPL-2.0-or-later
import { serverSentEvents } from '#client/server-sent-events.js';
import { ENDED_STATES, type Job } from '#contract/job.js';
import { JobEvent, type JobEventBody } from '#contract/job-event.js';
import { blockWords } from '#contract/progress-words.js';
import type { Queue } from '#contract/queue.js';
import type { Log } from './log.js';
import { ServiceError, type Service } from './service.js';

/** Consecutive streams that break without a new event before the Action polls instead. */
const BROKEN_STREAMS = 3;
const POLL_MS = 5_000;
const NEWS_MS = 15_000;
/** Shortest time between two log lines about blocks, which may last milliseconds each. */
const BLOCK_MS = 5_000;

export interface Following {
  readonly log: Log;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly nowMs: () => number;
}

/** Logs a job's progress, one group per stage, and returns the job when it has ended. */
export async function followJob(service: Service, job: Job, following: Following): Promise<Job> {
  const { log, pause, nowMs } = following;
  const show = narrator(log, nowMs);
  const queue = setInterval(
    () => void queueNews(service, job, log).then((waits) => waits || clearInterval(queue)),
    NEWS_MS,
  );
  await queueNews(service, job, log);
  try {
    let sequence = 0;
    for (let broken = 0; broken < BROKEN_STREAMS;) {
      try {
        const { body } = await service.open(`/v1/jobs/${job.id}/events`, {
          'last-event-id': String(sequence),
        });
        for await (const data of serverSentEvents(body!)) {
          const event = JobEvent.parse(JSON.parse(data));
          sequence = event.sequence;
          broken = 0;
          if (event.body.type === 'state' && event.body.state !== 'queued') clearInterval(queue);
          show(event.body);
          if (event.body.type === 'state' && ENDED_STATES.includes(event.body.state))
            return await ended(service, job.id, pause);
        }
      } catch (error) {
        if (error instanceof ServiceError && error.kind === 'user') throw error;
        service.throwIfGivenUp();
      }
      broken++;
      await pause(1_000);
    }
    log.line('the event stream keeps breaking; polling the state of the job instead');
    return await ended(service, job.id, pause);
  } finally {
    clearInterval(queue);
    log.endGroup();
  }
}

/** Polls until the job has ended. */
async function ended(
  service: Service,
  jobId: string,
  pause: (milliseconds: number) => Promise<void>,
): Promise<Job> {
  for (;;) {
    const job = await service.get<Job>(`/v1/jobs/${jobId}`);
    if (ENDED_STATES.includes(job.state)) return job;
    await pause(POLL_MS);
  }
}

/** Logs the job's position in the queue. Returns false when the job is no longer queued. */
async function queueNews(service: Service, { id }: Job, log: Log): Promise<boolean> {
  const { jobs } = await service.get<Queue>('/v1/queue').catch((): Queue => ({ jobs: [] }));
  const entry = jobs.find(({ jobId }) => jobId === id);
  if (entry === undefined || entry.position === null) return false;
  log.line(
    'queued at position ' +
      `${entry.position}${entry.estimatedStartAt === null ? '' : `, expected to start at ${entry.estimatedStartAt}`}`,
  );
  return true;
}

/** Returns a function that writes one event to the log. */
function narrator(log: Log, nowMs: () => number): (body: JobEventBody) => void {
  let stage = '';
  let saidMs = -Infinity;
  const enter = (next: string) => {
    if (next !== stage) log.group(next);
    stage = next;
  };
  return (body) => {
    switch (body.type) {
      case 'state':
        if (ENDED_STATES.includes(body.state)) log.endGroup();
        return log.line(body.state);
      case 'step-started':
        enter(body.step);
        return log.line(body.what);
      case 'step-progress':
        return log.line(`${body.what}: ${body.done} of ${body.total}`);
      case 'step-finished':
        return log.line(
          `${body.what}: ${body.cached ? 'cached' : `done in ${(body.durationMs / 1000).toFixed(1)} s`}`,
        );
      case 'block':
        enter('measure');
        if (nowMs() - saidMs < BLOCK_MS) return;
        saidMs = nowMs();
        return log.line(blockWords(body));
    }
  };
}
