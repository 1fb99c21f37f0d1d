// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError, type ErrorDetail } from '#contract/error.js';
import {
  parseCondition,
  testOf,
  type Condition,
  type EventTest,
  type RowTest,
} from './condition.js';
import type { OpenChunk, TraceEvent } from './record.js';

/** Selects records by event, time and argument. */
export interface RecordSelection {
  readonly event?: readonly string[] | undefined;
  readonly fromNs?: bigint | undefined;
  /** Inclusive. */
  readonly toNs?: bigint | undefined;
  readonly where?: readonly string[] | undefined;
}

/** A selection prepared for a trace. */
export interface RecordFilter {
  /** Null if records of every event can match. */
  readonly eventIds: readonly number[] | null;
  readonly fromNs: bigint | undefined;
  readonly toNs: bigint | undefined;
  /** Returns a test that tells which rows of a chunk match. */
  open(chunk: OpenChunk): RowTest;
}

/**
 * Prepares a selection for a trace.
 *
 * @param events Events of the trace.
 * @throws {INVALID_REQUEST} The trace does not have an event, a condition is malformed, or no
 *   selected event has the argument or supports the comparison.
 */
export function filterOf(selection: RecordSelection, events: readonly TraceEvent[]): RecordFilter {
  const details: ErrorDetail[] = [];
  const chosen = chooseEvents(selection.event, events, details);
  const conditions = (selection.where ?? []).flatMap((text, index) => {
    const condition = parseCondition(text);
    if (typeof condition !== 'string') return [condition];
    details.push({ path: `where.${index}`, message: condition });
    return [];
  });
  const tests = testsByEvent(conditions, chosen, details);
  if (details.length > 0) {
    const summary = details
      .slice(0, 3)
      .map(({ path, message }) => `${path}: ${message}`)
      .join('; ');
    throw new QibenchError('INVALID_REQUEST', { count: details.length, summary }, { details });
  }
  const all = selection.event === undefined && conditions.length === 0;
  return {
    eventIds: all ? null : [...tests.keys()],
    fromNs: selection.fromNs,
    toNs: selection.toNs,
    open: (chunk) => rowTest(chunk, all ? null : tests, selection),
  };
}

function chooseEvents(
  names: readonly string[] | undefined,
  events: readonly TraceEvent[],
  details: ErrorDetail[],
): readonly TraceEvent[] {
  if (names === undefined) return events;
  const known = new Map(events.map((event) => [event.name, event]));
  for (const [index, name] of names.entries()) {
    if (!known.has(name))
      details.push({ path: `event.${index}`, message: `the trace has no event "${name}"` });
  }
  return events.filter(({ name }) => names.includes(name));
}

/** Returns the tests that an event's records have to pass, for each event that can match. */
function testsByEvent(
  conditions: readonly Condition[],
  events: readonly TraceEvent[],
  details: ErrorDetail[],
): Map<number, EventTest[]> {
  const tests = new Map<number, EventTest[]>(events.map(({ id }) => [id, []]));
  for (const condition of conditions) {
    const found = events.map((event) => [event, testOf(condition, event)] as const);
    if (!found.some(([, test]) => typeof test === 'function')) {
      const reason = found.map(([, test]) => test).find((test) => typeof test === 'string');
      const names = [
        ...new Set(events.flatMap((event) => event.arguments.map(({ name }) => name))),
      ];
      details.push({
        path: 'where',
        message:
          reason ??
          `no chosen event has an argument "${condition.name}"; they have ` +
            `${names.slice(0, 20).join(', ') || 'none'}`,
      });
    }
    for (const [{ id }, test] of found) {
      if (typeof test === 'function') tests.get(id)?.push(test);
      else tests.delete(id);
    }
  }
  return tests;
}

function rowTest(
  chunk: OpenChunk,
  tests: ReadonlyMap<number, readonly EventTest[]> | null,
  { fromNs, toNs }: RecordSelection,
): RowTest {
  const inTime = timeTest(chunk, fromNs, toNs);
  if (tests === null) return inTime;
  const ready = new Map(
    [...tests].map(([id, several]) => [id, several.map((test) => test(chunk))]),
  );
  const { events } = chunk;
  return (row) => inTime(row) && (ready.get(events[row]!)?.every((test) => test(row)) ?? false);
}

/** Returns a test of the time, which is below 2^63; compares it word by word. */
export function timeTest(
  { timestamps }: Pick<OpenChunk, 'timestamps'>,
  fromNs: bigint | undefined,
  toNs: bigint | undefined,
): RowTest {
  if (fromNs === undefined && toNs === undefined) return () => true;
  const from = fromNs ?? 0n;
  const to = toNs ?? 2n ** 63n - 1n;
  const [fromHigh, fromLow, toHigh, toLow] = [
    Number(from >> 32n),
    Number(from & 0xffff_ffffn),
    Number(to >> 32n),
    Number(to & 0xffff_ffffn),
  ];
  return (row) => {
    const low = timestamps[2 * row]!;
    const high = timestamps[2 * row + 1]!;
    return (
      (high > fromHigh || (high === fromHigh && low >= fromLow)) &&
      (high < toHigh || (high === toHigh && low <= toLow))
    );
  };
}
