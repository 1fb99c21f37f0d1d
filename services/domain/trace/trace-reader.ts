import type { TraceEventArgument } from '../../contract/qemu.js';
import type { InterArrival } from '../../contract/trace.js';
import type { PackedChunk } from './chunk.js';
import type { HistogramTile } from './time-histogram.js';

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
  /** Null for an event whose records nowhere follow each other in one thread. */
  readonly interArrival: InterArrival | null;
}

/** What is known when a trace has been read. */
export interface TraceTotals {
  /** Records in the file, stored or not. */
  readonly records: number;
  /** Records in chunks: fewer than `records` behind a quota. */
  readonly stored: number;
  /** Records that QEMU could not keep up with, by its own count. */
  readonly dropped: number;
  /** Bytes of the file that were read. */
  readonly fileBytes: number;
  /** Bytes of the file that chunks and tail hold, from its start. */
  readonly rawBytes: number;
  /** Of the whole file, hexadecimal; null if it was not read to its end. */
  readonly sha256: string | null;
  /** Why the file is not all that it should be: cut short as after a kill, or not understood further; else null. */
  readonly partialReason: string | null;
  /** What the file has behind the last stored record, as it stands there. */
  readonly tail: Uint8Array;
  readonly firstNs: bigint | null;
  readonly lastNs: bigint | null;
  /** Events with at least one record, by id. */
  readonly events: readonly TraceEventTotals[];
  readonly histogram: readonly HistogramTile[];
}

/** A trace that is being read: chunks, then the totals as the generator's return value. */
export type TraceReader = AsyncGenerator<PackedChunk, TraceTotals, void>;

/** A trace with the event list of the build that wrote it, which every reader of its raw file needs. */
export interface TraceSource {
  readonly reader: TraceReader;
  /** Text of the build's trace-events-all. */
  readonly eventsFile: string;
}
