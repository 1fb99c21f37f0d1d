// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Thread that reads traces, one at a time: it receives pieces of a file and sends chunks, then the
 * totals.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { PackedChunk } from '#domain/trace/chunk.js';
import type { TraceTotals } from '#domain/trace/trace-reader.js';
import { Collector, type CollectorOptions } from './collector.js';

/** A message to the thread: a trace begins, a piece of its file, or the end of the file. */
export type ToThread =
  | { readonly type: 'start'; readonly options: CollectorOptions }
  /** The first `length` bytes of a shared buffer, which `workerData` lists. */
  | { readonly type: 'piece'; readonly piece: number; readonly length: number }
  | { readonly type: 'end' };

/** A message of the thread. */
export type FromThread =
  | { readonly type: 'chunk'; readonly chunk: PackedChunk }
  /** The piece may be filled again; `failed`: the thread reads no further pieces. */
  | { readonly type: 'read'; readonly piece: number; readonly failed: boolean }
  | { readonly type: 'totals'; readonly totals: TraceTotals };

const port = parentPort!;
const pieces = workerData as readonly Uint8Array[];
let collector: Collector;

const send = (message: FromThread, ...transfer: ArrayBuffer[]): void =>
  port.postMessage(message, transfer);
const sendChunk = (chunk: PackedChunk): void =>
  send({ type: 'chunk', chunk }, chunk.event.buffer as ArrayBuffer);

port.on('message', (message: ToThread) => {
  if (message.type === 'start') {
    collector = new Collector(message.options);
  } else if (message.type === 'piece') {
    const { piece, length } = message;
    if (!collector.failed)
      for (const chunk of collector.take(pieces[piece]!.subarray(0, length))) sendChunk(chunk);
    send({ type: 'read', piece, failed: collector.failed });
  } else {
    const rest = collector.end();
    let next = rest.next();
    for (; next.done !== true; next = rest.next()) sendChunk(next.value);
    send({ type: 'totals', totals: next.value });
  }
});
