// SPDX-License-Identifier: GPL-2.0-or-later
import { argumentKind, type OpenChunk, type TraceEvent } from './record.js';

/** Returns whether two rows of open chunks are the same record. */
export type SameRecord = (a: OpenChunk, rowA: number, b: OpenChunk, rowB: number) => boolean;

/** An argument that both events have, by its position in each. */
interface Pair {
  readonly a: number;
  readonly b: number;
  readonly text: boolean;
}

/**
 * Returns a function that compares records of two traces by event name and argument values. It
 * never compares times and pids. An argument that only one of the events has is a difference.
 *
 * @param ignore Names of arguments that are not compared, such as pointers.
 */
export function sameRecords(
  eventsA: readonly TraceEvent[],
  eventsB: readonly TraceEvent[],
  ignore: readonly string[],
): SameRecord {
  const ignored = new Set(ignore);
  const byName = new Map(eventsB.map((event) => [event.name, event]));
  const known = new Map<number, { readonly id: number; readonly pairs: readonly Pair[] }>();
  for (const event of eventsA) {
    const other = byName.get(event.name);
    const pairs = other === undefined ? null : pairsOf(event, other, ignored);
    if (pairs !== null) known.set(event.id, { id: other!.id, pairs });
  }
  return (a, rowA, b, rowB) => {
    const match = known.get(a.events[rowA]!);
    return (
      match !== undefined &&
      match.id === b.events[rowB]! &&
      match.pairs.every((pair) => sameValue(a, rowA, b, rowB, pair))
    );
  };
}

/** Returns the arguments in pairs; null if the events differ in arguments that are not ignored. */
function pairsOf(a: TraceEvent, b: TraceEvent, ignored: ReadonlySet<string>): Pair[] | null {
  const compared = (event: TraceEvent) =>
    event.arguments.filter(({ name }) => !ignored.has(name)).length;
  if (compared(a) !== compared(b)) return null;
  const pairs: Pair[] = [];
  for (const [index, { name, type }] of a.arguments.entries()) {
    if (ignored.has(name)) continue;
    const place = b.arguments.findIndex((argument) => argument.name === name);
    const text = argumentKind(type) === 'text';
    if (place < 0 || (argumentKind(b.arguments[place]!.type) === 'text') !== text) return null;
    pairs.push({ a: index, b: place, text });
  }
  return pairs;
}

function sameValue(a: OpenChunk, rowA: number, b: OpenChunk, rowB: number, pair: Pair): boolean {
  const wordsA = a.arguments[pair.a]!;
  const wordsB = b.arguments[pair.b]!;
  if (pair.text)
    return Buffer.compare(a.texts[wordsA[2 * rowA]!]!, b.texts[wordsB[2 * rowB]!]!) === 0;
  return wordsA[2 * rowA] === wordsB[2 * rowB] && wordsA[2 * rowA + 1] === wordsB[2 * rowB + 1];
}
