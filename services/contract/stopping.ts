// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { WITHIN_DEFAULT } from './constants.js';
import { Threshold, THRESHOLD_DEFAULT } from './threshold.js';

const UNIT_SECONDS = { s: 1, m: 60, h: 3_600 } as const;
export const WITHIN_SECONDS = { minimum: 1, maximum: 12 * 3_600 } as const;

/** A time like `90s`, `5m` or `1h`, from 1 s to 12 h. */
const Duration = z
  .string()
  .regex(/^[1-9]\d{0,5}[smh]$/, 'a time like 90s, 5m or 1h')
  .refine((text) => {
    const seconds = secondsOf(text);
    return seconds >= WITHIN_SECONDS.minimum && seconds <= WITHIN_SECONDS.maximum;
  }, 'from 1s to 12h');

/** Converts a `Duration` to seconds. */
export function secondsOf(duration: string): number {
  return Number(duration.slice(0, -1)) * UNIT_SECONDS[duration.at(-1) as keyof typeof UNIT_SECONDS];
}

/** Stopping rule of a job: every comparison is decided, or the time is up. */
export const MeasureRequest = z.strictObject({
  threshold: Threshold.default(THRESHOLD_DEFAULT).describe(
    'differences up to this count as no change: 0.02 is 2 %',
  ),
  within: Duration.optional().describe(
    `time for all measured blocks; default: ${WITHIN_DEFAULT}. Not allowed with "blocks"`,
  ),
});
export type MeasureRequest = z.infer<typeof MeasureRequest>;
