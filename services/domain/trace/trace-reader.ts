// SPDX-License-Identifier: GPL-2.0-or-later
import type { TraceEventArgument } from '#contract/qemu.js';
import type { InterArrival } from '#contract/trace.js';
import type { PackedChunk } from './chunk.js';
import type { HistogramTile } from './time-histogram.js';

/** Totals of one event over a whole trace. */
export interface TraceEventTotals {
  /** Id of the event in this file. */
  readonly id: number;
  readonly name: string;
  /** Arguments as recorded, including the implicit CPU pointer of `vcpu` events. */
  readonly arguments: readonly TraceEventArgument[];
  readonly count: number;
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  /** Null if no pid has two consecutive records of the event. */
  readonly interArrival: InterArrival | null;
}

/** Totals of a trace that has been read. */
export interface TraceTotals {
  /** Records in the file, stored or not. */
  readonly records: number;
  /** Records in chunks; fewer than `records` if a quota was reached. */
  readonly stored: number;
  /** Records that QEMU dropped because it could not keep up, by its own count. */
  readonly dropped: number;
  /** Bytes of the file that were read. */
  readonly fileBytes: number;
  /** Bytes from the file's start that chunks and tail contain. */
  readonly rawBytes: number;
  /** SHA-256 of the whole file, hexadecimal; null if the file was not read to its end. */
  readonly sha256: string | null;
  /**
   * Why the file is incomplete: truncated, as after a kill, or malformed from some point; else
   * null.
   */
  readonly partialReason: string | null;
  /** Verbatim bytes of the file after the last stored record. */
  readonly tail: Uint8Array;
  readonly firstNs: bigint | null;
  readonly lastNs: bigint | null;
  /** Events with at least one record, by id. */
  readonly events: readonly TraceEventTotals[];
  readonly histogram: readonly HistogramTile[];
}

/** Yields the chunks of a trace that is being read, and returns its totals. */
export type TraceReader = AsyncGenerator<PackedChunk, TraceTotals, void>;

/** A trace with the event list of the build that wrote it, needed to read its raw file. */
export interface TraceSource {
  readonly reader: TraceReader;
  /** Text of the build's trace-events-all. */
  readonly eventsFile: string;
}
