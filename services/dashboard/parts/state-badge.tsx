import type { JobState } from '../../contract/job.js';
import { Badge, type BadgeLook } from './badge.js';

const LOOKS: Record<JobState, BadgeLook> = {
  queued: ['', '○'],
  building: ['active', '◔'],
  measuring: ['active', '◑'],
  succeeded: ['better', '✓'],
  failed: ['worse', '✕'],
  cancelled: ['unsure', '⊘'],
};

/** All states, in the order in which a job meets them. */
export const STATES = Object.keys(LOOKS) as JobState[];

export function hasEnded(state: JobState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

/** State of a job: colour, mark and word say the same. */
export function StateBadge({ state }: { state: JobState }) {
  return <Badge look={LOOKS[state]}>{state}</Badge>;
}
