import type { JobState } from '../../contract/job.js';

const LOOKS: Record<JobState, readonly [className: string, mark: string]> = {
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
  const [className, mark] = LOOKS[state];
  return (
    <span className={`badge ${className}`}>
      <span aria-hidden="true">{mark}</span>
      {state}
    </span>
  );
}
