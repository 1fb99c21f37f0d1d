// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import type { JobMachine, JobTransition } from '#domain/job-state.js';
import type { Store } from './store.js';

export interface JobTally {
  readonly event: JobTransition['type'];
  readonly state: string;
  /** Error kind; empty for transitions without an error. */
  readonly kind: string;
  readonly code: string;
  readonly count: number;
}

/** Counts a transition, within the transaction that stores it. */
export async function tallyTransition(
  client: pg.PoolClient,
  event: JobTransition,
  next: JobMachine,
): Promise<void> {
  const cancelled = next.state === 'cancelled'; // by whichever event
  const error = event.type === 'failed' && !cancelled ? event.error : next.error;
  await client.query(
    `INSERT INTO job_tally (event, state, kind, code, count)
     VALUES ($1, $2, $3, $4, 1)
     ON CONFLICT (event, state, kind, code) DO UPDATE SET count = job_tally.count + 1`,
    [cancelled ? 'cancelled' : event.type, next.state, error?.kind ?? '', error?.code ?? ''],
  );
}

/** Returns the counts of all transitions so far, over all processes. */
export async function jobTally(client: Store['pool'] | pg.PoolClient): Promise<JobTally[]> {
  return (
    await client.query<JobTally>(
      'SELECT event, state, kind, code, count::float8 AS count FROM job_tally',
    )
  ).rows;
}
