// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Times of a trace as people read and write them. A time with a unit counts from the trace's first
 * record. A number without a unit is in ns of the host's monotonic clock, as in the API and its
 * exports.
 */

interface Unit {
  readonly name: string;
  readonly ns: number;
  /** Other spellings: the Greek letter instead of the micro sign, and ASCII. */
  readonly others: readonly string[];
}

const UNITS: readonly Unit[] = [
  { name: 'ns', ns: 1, others: [] },
  { name: 'µs', ns: 1e3, others: ['μs', 'us'] },
  { name: 'ms', ns: 1e6, others: [] },
  { name: 's', ns: 1e9, others: [] },
];

/** Times of the first and the last record on the host's clock; null without records. */
interface TraceEnds {
  readonly firstNs: string | null;
  readonly lastNs: string | null;
}

/** Formats a time or a duration in ns, to the digit that `stepNs` needs: 62.269 µs. */
export function timeText(ns: number, stepNs = 1): string {
  const unit = UNITS.findLast((unit) => Math.abs(ns) >= unit.ns) ?? UNITS[0]!;
  const digits = Math.max(0, Math.ceil(Math.log10(unit.ns / stepNs) - 1e-9));
  return `${(ns / unit.ns).toFixed(Math.min(9, digits))} ${unit.name}`;
}

/** Formats a time of the host's clock as the time since the trace's first record. */
export function sinceFirst(timestampNs: string, { firstNs }: Pick<TraceEnds, 'firstNs'>): string {
  return timeText(Number(BigInt(timestampNs) - BigInt(firstNs ?? 0)));
}

/**
 * Parses a time of a trace: `62.269us` since its first record, or `7389272154466` ns of the host's
 * clock. Cuts off digits below 1 ns.
 * @returns The time on the host's clock in ns, or the broken rule as text.
 */
export function parseTraceTime(
  text: string,
  { firstNs }: Pick<TraceEnds, 'firstNs'>,
): bigint | string {
  const [, whole, fraction = '', name] =
    /^\s*(\d{1,19})(?:\.(\d{1,18}))?\s*(\S*)\s*$/.exec(text) ?? [];
  const unit = UNITS.find((unit) => [unit.name, ...unit.others].includes(name ?? ''));
  const shown = `"${text.slice(0, 100)}"`;
  if (whole === undefined || (unit === undefined && (name !== '' || fraction !== '')))
    return `${shown} is not a time like 62.269us; units are ns, us, ms and s`;
  const first = BigInt(firstNs ?? 0);
  if (unit !== undefined) {
    const digits = String(unit.ns).length - 1;
    return first + BigInt(`${whole}${fraction.padEnd(digits, '0').slice(0, digits)}`);
  }
  if (BigInt(whole) >= first) return BigInt(whole);
  return (
    `${shown} has no unit and is therefore a time of the host's clock, where the first record is ` +
    `at ${first} ns; write ${whole}ns for a time since the first record`
  );
}

/**
 * Parses a time of a trace like `parseTraceTime`, and refuses one after its end.
 * @returns The time on the host's clock in ns, or the broken rule as text.
 */
export function parseTraceStart(text: string, trace: TraceEnds): bigint | string {
  const atNs = parseTraceTime(text, trace);
  if (typeof atNs === 'string' || trace.lastNs === null || atNs <= BigInt(trace.lastNs))
    return atNs;
  return `"${text.slice(0, 100)}" is after the last record, at ${sinceFirst(trace.lastNs, trace)}`;
}
