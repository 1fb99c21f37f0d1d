// SPDX-License-Identifier: GPL-2.0-or-later
import type { Truncation } from '#contract/job.js';
import type { LogChunk, Step } from '#contract/job-event.js';
import { JOB_CHANNEL, type Store } from './store.js';

/** Size at which a job's log is truncated, with a marker line. */
export const LOG_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * Appends to a job's log while the job is leased under the epoch. Beyond the limit, one marker line
 * replaces the text.
 */
export async function appendLog(
  store: Store,
  jobId: string,
  epoch: number,
  step: Step,
  text: string,
): Promise<void> {
  const clean = text.replaceAll('\0', '\u{fffd}');
  await store.pool.query(
    `WITH numbered AS (
       UPDATE job
       SET last_log = last_log + 1,
         log_bytes = log_bytes + octet_length($4),
         truncations = CASE WHEN log_bytes + octet_length($4) < $5 THEN truncations ELSE truncations || $6::jsonb END
       WHERE id = $1 AND epoch = $2 AND log_bytes < $5
       RETURNING id, last_log, log_bytes
     ), appended AS (
       INSERT INTO job_log (job_id, sequence, step, text)
       SELECT id, last_log, $3,
         CASE
           WHEN log_bytes < $5 THEN $4
           ELSE $4 || E'\\n[qibench: log truncated, its size limit is reached]\\n'
         END
       FROM numbered
       RETURNING job_id
     )
     SELECT pg_notify('${JOB_CHANNEL}', job_id::text) FROM appended`,
    [
      jobId,
      epoch,
      step,
      clean,
      LOG_LIMIT_BYTES,
      JSON.stringify([{ what: 'the log', limitBytes: LOG_LIMIT_BYTES } satisfies Truncation]),
    ],
  );
}

export async function logsAfter(
  store: Store,
  jobId: string,
  after: number,
  limit: number,
): Promise<LogChunk[]> {
  const rows = await store.prisma.jobLog.findMany({
    where: { jobId, sequence: { gt: after } },
    orderBy: { sequence: 'asc' },
    take: limit,
  });
  return rows.map(({ sequence, step, text }) => ({ sequence, step: step as Step, text }));
}
