import type { JobState } from '../../contract/job.js';

const LOOKS: Record<JobState, readonly [className: string, mark: string]> = {
  queued: ['', '○'],
  building: ['active', '◔'],
  measuring: ['active', '◑'],
  succeeded: ['better', '✓'],
  failed: ['worse', '✕'],
  cancelled: ['unsure', '⊘'],
};

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
