// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobState } from '#contract/job.js';

/** Returns whether a state is final. */
export function hasEnded(state: JobState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}
