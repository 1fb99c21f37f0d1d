// SPDX-License-Identifier: GPL-2.0-or-later
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { once } from 'node:events';
import { HEADER_BYTES } from '#domain/trace/simple-format.js';

/** The parts of a trace file: entries with their place, and records separately. */
interface Layout {
  /** Header and names of events, in file order. */
  readonly head: Buffer;
  /** Consecutive records. */
  readonly records: Buffer;
  /** Offset of each record in `records`, and the end offset. */
  readonly starts: Uint32Array;
  readonly durationNs: bigint;
}

function layoutOf(file: Buffer): Layout {
  const head = [file.subarray(0, HEADER_BYTES)];
  const records: Buffer[] = [];
  const starts = [0];
  let first = -1n;
  let last = -1n;
  for (let at = HEADER_BYTES; at + 28 < file.length;) {
    const mapping = file.readUInt32LE(at) === 0;
    const end = at + (mapping ? 20 + file.readUInt32LE(at + 16) : 8 + file.readUInt32LE(at + 24));
    if (end > file.length) break;
    if (mapping) head.push(file.subarray(at, end));
    else if (file.readUInt32LE(at + 12) === 0) {
      // no count of dropped records
      records.push(file.subarray(at, end));
      starts.push(starts.at(-1)! + end - at);
      const ns = file.readBigUInt64LE(at + 16);
      if (first < 0n) first = ns;
      last = ns;
    }
    at = end;
  }
  return {
    head: Buffer.concat(head),
    records: Buffer.concat(records),
    starts: Uint32Array.from(starts),
    durationNs: last - first + 1_000n,
  };
}

/**
 * Writes a file of `count` records: the records of `file` repeated, each time later. Returns its
 * number of records and bytes.
 */
export async function writeLongFile(
  file: Buffer,
  count: number,
  path: string,
): Promise<{ records: number; bytes: number }> {
  const { head, records, starts, durationNs } = layoutOf(file);
  const out = createWriteStream(path);
  out.write(head);
  let written = 0;
  for (let round = 0n; written < count; round += 1n) {
    const copy = Buffer.from(records);
    const take = Math.min(starts.length - 1, count - written);
    for (let index = 0; index < take; index += 1) {
      const at = starts[index]! + 16;
      copy.writeBigUInt64LE(copy.readBigUInt64LE(at) + round * durationNs, at);
    }
    if (!out.write(copy.subarray(0, starts[take]))) await once(out, 'drain');
    written += take;
  }
  out.end();
  await once(out, 'close');
  const handle = await open(path);
  const { size } = await handle.stat();
  await handle.close();
  return { records: written, bytes: size };
}
