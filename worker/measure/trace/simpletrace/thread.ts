// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Thread that reads one trace: it receives pieces of the file and sends chunks, then the totals.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { PackedChunk } from '#domain/trace/chunk.js';
import type { RecordsModule } from '#domain/trace/native/records.js';
import type { TraceTotals } from '#domain/trace/trace-reader.js';
import { Collector, type CollectorOptions } from './collector.js';

/**
 * A piece of the file: the first `length` bytes of a buffer that the thread returns. Null ends the
 * file.
 */
export type ToThread = { readonly buffer: ArrayBuffer; readonly length: number } | null;

/** A message of the thread. */
export type FromThread =
  | { readonly type: 'chunk'; readonly chunk: PackedChunk }
  /** The buffer may be filled again; `failed`: the thread reads no further pieces. */
  | { readonly type: 'read'; readonly buffer: ArrayBuffer; readonly failed: boolean }
  | { readonly type: 'totals'; readonly totals: TraceTotals };

/** What the thread starts with. */
export interface ThreadData {
  readonly options: CollectorOptions;
  readonly module: RecordsModule;
}

const port = parentPort!;
const { options, module } = workerData as ThreadData;
const collector = new Collector(options, module);

const send = (message: FromThread, ...transfer: ArrayBuffer[]): void =>
  port.postMessage(message, transfer);
const sendChunk = (chunk: PackedChunk): void =>
  send({ type: 'chunk', chunk }, chunk.event.buffer as ArrayBuffer);

port.on('message', (piece: ToThread) => {
  if (piece === null) {
    const rest = collector.end();
    let next = rest.next();
    for (; next.done !== true; next = rest.next()) sendChunk(next.value);
    send({ type: 'totals', totals: next.value });
    port.close();
    return;
  }
  if (!collector.failed)
    for (const chunk of collector.take(new Uint8Array(piece.buffer, 0, piece.length)))
      sendChunk(chunk);
  send({ type: 'read', buffer: piece.buffer, failed: collector.failed }, piece.buffer);
});
