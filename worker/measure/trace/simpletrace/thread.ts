// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Thread that reads one trace: it receives pieces of the file and sends chunks, then the totals.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { PackedChunk } from '#domain/trace/chunk.js';
import type { RecordsModule } from '#domain/trace/native/records.js';
import type { TraceTotals } from '#domain/trace/trace-reader.js';
import { Collector, type CollectorOptions } from './collector.js';

/** A piece of the file: the first `length` bytes of a shared buffer. Null ends the file. */
export type ToThread = { readonly piece: number; readonly length: number } | null;

/** A message of the thread. */
export type FromThread =
  | { readonly type: 'chunk'; readonly chunk: PackedChunk }
  /** The piece may be filled again; `failed`: the thread reads no further pieces. */
  | { readonly type: 'read'; readonly piece: number; readonly failed: boolean }
  | { readonly type: 'totals'; readonly totals: TraceTotals };

/** What the thread starts with. */
export interface ThreadData {
  readonly options: CollectorOptions;
  readonly module: RecordsModule;
  readonly pieces: readonly Uint8Array[];
}

const port = parentPort!;
const { options, module, pieces } = workerData as ThreadData;
const collector = new Collector(options, module);

const send = (message: FromThread, ...transfer: ArrayBuffer[]): void =>
  port.postMessage(message, transfer);
const sendChunk = (chunk: PackedChunk): void =>
  send({ type: 'chunk', chunk }, chunk.event.buffer as ArrayBuffer);

port.on('message', (message: ToThread) => {
  if (message === null) {
    const rest = collector.end();
    let next = rest.next();
    for (; next.done !== true; next = rest.next()) sendChunk(next.value);
    send({ type: 'totals', totals: next.value });
    port.close();
    return;
  }
  if (!collector.failed)
    for (const chunk of collector.take(pieces[message.piece]!.subarray(0, message.length)))
      sendChunk(chunk);
  send({ type: 'read', piece: message.piece, failed: collector.failed });
});
