import type { TraceEventArgument } from '../contract/qemu.js';

/** Arguments that one trace event can have (tracetool refuses more). */
export const MAX_ARGUMENTS = 10;

/**
 * Records of a trace, one array per column. All arrays have at least `count` elements; what is behind is undefined.
 *
 * A number of fewer than 64 bits is extended as C does when it converts to uint64_t. A text argument is the place of
 * its text in `strings`, from 1. Columns that an event has no argument for hold 0.
 */
export interface TraceBatch {
  /** Position in the file of the first record, from 0. */
  readonly firstSequence: number;
  readonly count: number;
  /** Id of the event in this file. */
  readonly events: Uint16Array;
  /** Host's monotonic clock, ns. */
  readonly timestamps: BigUint64Array;
  readonly pids: Uint32Array;
  /** Arguments by place; only as many columns as an event of this batch needed. */
  readonly arguments: readonly BigUint64Array[];
  readonly strings: readonly string[];
}

/** What was counted of one event over a whole trace. */
export interface TraceEventTotals {
  /** Id of the event in this file. */
  readonly id: number;
  readonly name: string;
  /** As recorded: with the implicit CPU pointer of `vcpu` events. */
  readonly arguments: readonly TraceEventArgument[];
  readonly count: number;
  readonly firstNs: bigint;
  readonly lastNs: bigint;
}

/** What is known when a trace has been read to its end. */
export interface TraceTotals {
  readonly records: number;
  /** Records that QEMU could not keep up with, by its own count. */
  readonly dropped: number;
  readonly fileBytes: number;
  /** True if the file ends within a record, as after a kill; everything before it counts. */
  readonly partial: boolean;
  readonly firstNs: bigint | null;
  readonly lastNs: bigint | null;
  /** Events with at least one record, by id. */
  readonly events: readonly TraceEventTotals[];
}

/** A trace that is being read: batches, then the totals as the generator's return value. */
export type TraceReader = AsyncGenerator<TraceBatch, TraceTotals, void>;

/** True for the argument types that the simple backend stores as text (is_string() of its tracetool backend). */
export function isTextType(type: string): boolean {
  return /^\s*(const )?char ?\*/.test(type) && type.indexOf('*') === type.lastIndexOf('*');
}

/** True for the argument types whose 64 bits are a negative number when the highest is set. */
export function isSignedType(type: string): boolean {
  return !/\*|\b(unsigned|uint\w*|size_t|uintptr_t|bool)\b/.test(type);
}
