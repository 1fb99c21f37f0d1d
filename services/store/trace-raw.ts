// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import { openChunk } from '#domain/trace/record.js';
import { rebuild } from '#domain/trace/raw.js';
import { readChunks } from './trace-chunks.js';
import { traceEvents } from './traces.js';

/** Yields the first `rawBytes` of a trace file, byte for byte, one chunk at a time. */
export async function* rawFile(pool: pg.Pool, traceId: string): AsyncGenerator<Uint8Array> {
  const events = new Map((await traceEvents(pool, traceId)).map((event) => [event.id, event]));
  for await (const chunk of readChunks(pool, traceId, { fromSequence: 0n })) {
    yield rebuild(openChunk(chunk), chunk.between, events);
    await new Promise((resolve) => setImmediate(resolve)); // lets other requests run
  }
  const { rows } = await pool.query<{ tail: Buffer }>('SELECT tail FROM trace WHERE id = $1', [
    traceId,
  ]);
  if (rows[0] !== undefined) yield rows[0].tail;
}
