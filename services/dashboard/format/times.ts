// SPDX-License-Identifier: GPL-2.0-or-later
const AT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const RELATIVE = new Intl.RelativeTimeFormat('en-GB', { numeric: 'auto', style: 'short' });

/** Formats a moment in the reader's time zone. */
export function moment(iso: string): string {
  return AT.format(new Date(iso));
}

const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** Formats the day of a moment. */
export function day(iso: string): string {
  return DAY.format(new Date(iso));
}

const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** Formats the time of day, to the second. */
export function timeOfDay(iso: string): string {
  return TIME.format(new Date(iso));
}

const MINUTE = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });

/** Formats the time of day, to the minute. */
export function minuteOfDay(iso: string): string {
  return MINUTE.format(new Date(iso));
}

/** Formats the time since a moment: 3 min ago. */
export function ago(iso: string, nowMs = Date.now()): string {
  const seconds = (Date.parse(iso) - nowMs) / 1000;
  for (const [unit, size] of [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const) {
    if (Math.abs(seconds) >= size) return RELATIVE.format(Math.round(seconds / size), unit);
  }
  return 'just now';
}

/**
 * Returns the time between two moments in ms; null if either is missing, or if the second is not
 * later than the first (clocks differ), so that a page shows nothing instead of 0 s.
 */
export function elapsedMs(from: string | null, to: string | null): number | null {
  if (from === null || to === null) return null;
  const ms = Date.parse(to) - Date.parse(from);
  return ms > 0 ? ms : null;
}

/** Formats the time until a moment, as an estimate: about 3 min. */
export function about(iso: string, nowMs = Date.now()): string {
  const seconds = Math.max(0, (Date.parse(iso) - nowMs) / 1000);
  if (seconds < 5) return 'a few seconds';
  if (seconds < 90)
    return `about ${seconds < 20 ? Math.ceil(seconds) : Math.ceil(seconds / 10) * 10} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `about ${minutes} min` : `about ${Math.round(minutes / 60)} h`;
}
