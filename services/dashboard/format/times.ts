const AT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** A moment in the reader's time zone. */
export function moment(iso: string): string {
  return AT.format(new Date(iso));
}

const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** The day of a moment. */
export function day(iso: string): string {
  return DAY.format(new Date(iso));
}

const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** The same without the day, to the second. */
export function timeOfDay(iso: string): string {
  return TIME.format(new Date(iso));
}

/** How long ago: 3 minutes ago. */
export function ago(iso: string, nowMs = Date.now()): string {
  const seconds = (Date.parse(iso) - nowMs) / 1000;
  for (const [unit, size] of [['day', 86_400], ['hour', 3_600], ['minute', 60]] as const) {
    if (Math.abs(seconds) >= size) return RELATIVE.format(Math.round(seconds / size), unit);
  }
  return 'just now';
}
