// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobState } from '#contract/job.js';
import { Badge, type BadgeTone } from './badge.js';

const TONES: Record<JobState, BadgeTone> = {
  queued: ['', '○'],
  building: ['active', '◔'],
  measuring: ['active', '◑'],
  succeeded: ['better', '✓'],
  failed: ['worse', '✕'],
  cancelled: ['unsure', '⊘'],
};

/** All states, in the order in which a job passes through them. */
export const STATES = Object.keys(TONES) as JobState[];

/** Shows a job's state. Colour, mark and word have the same meaning. */
export function StateBadge({ state }: { state: JobState }) {
  return <Badge tone={TONES[state]}>{state}</Badge>;
}
