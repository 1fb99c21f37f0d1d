// SPDX-License-Identifier: GPL-2.0-or-later
import { Worker } from 'node:worker_threads';
import type { TraceReader } from '#domain/trace/trace-reader.js';
import { Collector, type CollectorOptions } from './collector.js';
import type { FromThread, ToThread } from './thread.js';

const PIECE_BYTES = 1024 * 1024;
/** Limit for the pieces that the thread has at a time. */
const PIECES = 4;

/** A thread, and the buffers that it shares with this one. */
interface Reading {
  readonly thread: Worker;
  readonly pieces: readonly Uint8Array[];
}

/** The thread of an earlier trace: to start one takes the time of a hundred thousand records. */
let idle: Reading | null = null;

/**
 * Reads a trace file in a separate thread, so that this one stays free.
 *
 * Both threads share four buffers of 1 MiB, which are full or free. The stream pauses while the
 * thread has all of them, or while the consumer of the chunks is busy. So memory is constant, and
 * a slow database slows down the source.
 *
 * @param stream The file, in pieces of any size.
 * @returns Chunks, then the totals. A file that ends early or is malformed is not an error: the
 *   totals have a `partialReason`.
 * @throws The stream's errors.
 */
export async function* readTraceInThread(
  stream: AsyncIterable<Uint8Array>,
  options: CollectorOptions,
): TraceReader {
  const reading = idle ?? startThread();
  idle = null;
  const { thread, pieces } = reading;
  const inbox = new Inbox(thread);
  const free = [...pieces.keys()];
  const post = (message: ToThread): void => thread.postMessage(message);
  post({ type: 'start', options });
  /** Piece that is being filled. */
  let current: number | null = null;
  let used = 0;
  let failed = false;
  let finished = false;
  try {
    for await (const piece of stream) {
      for (let taken = 0; taken < piece.length && !failed;) {
        current ??= free.pop() ?? null;
        while (current === null || inbox.length > 0) {
          const message = await inbox.next();
          if (message.type === 'chunk') yield message.chunk;
          if (message.type !== 'read') continue;
          failed ||= message.failed;
          if (current === null) current = message.piece;
          else free.push(message.piece);
        }
        const length = Math.min(piece.length - taken, PIECE_BYTES - used);
        pieces[current]!.set(piece.subarray(taken, taken + length), used);
        taken += length;
        used += length;
        if (used < PIECE_BYTES) continue;
        post({ type: 'piece', piece: current, length: used });
        current = null;
        used = 0;
      }
      if (failed) break;
    }
    if (current !== null && used > 0) post({ type: 'piece', piece: current, length: used });
    post({ type: 'end' });
    for (;;) {
      const message = await inbox.next();
      if (message.type === 'chunk') yield message.chunk;
      if (message.type !== 'totals') continue;
      finished = true;
      return message.totals;
    }
  } finally {
    if (finished && idle === null) {
      inbox.close();
      idle = reading;
    } else {
      await thread.terminate();
    }
  }
}

function startThread(): Reading {
  const pieces = Array.from(
    { length: PIECES },
    () => new Uint8Array(new SharedArrayBuffer(PIECE_BYTES)),
  );
  return {
    thread: new Worker(new URL('./thread.js', import.meta.url), { workerData: pieces }),
    pieces,
  };
}

/** Reads a trace file in this thread. */
export async function* readTrace(
  stream: AsyncIterable<Uint8Array>,
  options: CollectorOptions,
): TraceReader {
  const collector = new Collector(options);
  for await (const piece of stream) {
    yield* collector.take(piece);
    if (collector.failed) break;
  }
  return yield* collector.end();
}

/** Queue of a thread's messages, in order. Waiting for a message fails if the thread fails. */
class Inbox {
  readonly #thread: Worker;
  readonly #messages: FromThread[] = [];
  #failure: Error | null = null;
  #wake: () => void = () => undefined;

  constructor(thread: Worker) {
    this.#thread = thread;
    thread.ref();
    thread.on('message', (message: FromThread) => {
      this.#messages.push(message);
      this.#wake();
    });
    thread.on('error', (error: Error) => {
      this.#failure = error;
      this.#wake();
    });
  }

  /** Leaves the thread, which then does not keep the process alive. */
  close(): void {
    this.#thread.removeAllListeners('message').removeAllListeners('error');
    this.#thread.unref();
  }

  get length(): number {
    return this.#messages.length;
  }

  async next(): Promise<FromThread> {
    while (this.#messages.length === 0) {
      if (this.#failure !== null) throw this.#failure;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#messages.shift()!;
  }
}
