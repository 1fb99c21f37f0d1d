// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Common Trace Format 1.8, as a tar of the folder that babeltrace2 reads: `metadata` and streams.
 *
 * A stream must be in the order of time, which a file of several threads is not. So each stream has
 * some consecutive records of the file, sorted by time; readers merge the streams. Numbers have 64
 * bits, signed as their type, and pointers are hexadecimal. The context of a record has its pid,
 * its place in the file, and its event's format with the arguments.
 *
 * @see https://diamon.org/ctf/v1.8.3/
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import type { Trace, TraceEventSummary, TraceRecord } from '#contract/trace.js';
import type { Message } from '#domain/trace/message.js';
import { argumentKind } from '#domain/trace/record.js';

const MAGIC = 0xc1fc1fc1;
/** Bytes before a stream's records: packet header and packet context. */
const HEADER_BYTES = 4 + 4 * 8;
/** Limits of a stream, which is in memory. */
const STREAM_RECORDS = 100_000;
const STREAM_BYTES = 16 * 1024 * 1024;

interface Encoded {
  readonly timeNs: bigint;
  readonly bytes: Buffer;
}

/** Yields the tar in pieces. */
export async function* writeCtf(
  trace: Trace,
  batches: AsyncIterable<readonly TraceRecord[]>,
  messages: ReadonlyMap<string, Message>,
): AsyncGenerator<Uint8Array> {
  const pack = tar.pack();
  const entry = async (name: string, content: Buffer) => {
    const path = `qibench-trace-${trace.id}/${name}`;
    const file = pack.entry({ name: path, size: content.length, mtime: new Date(0) });
    await pipeline(Readable.from([content]), file);
  };
  const packing = async () => {
    await entry('metadata', Buffer.from(metadataOf(trace)));
    let streams = 0;
    for await (const stream of streamsOf(trace, batches, messages))
      await entry(`stream-${String(streams++).padStart(6, '0')}`, stream);
    pack.finalize();
  };
  packing().catch((error: Error) => pack.destroy(error));
  yield* pack as AsyncIterable<Buffer>;
}

/** Yields at least one stream, as readers expect. */
async function* streamsOf(
  trace: Trace,
  batches: AsyncIterable<readonly TraceRecord[]>,
  messages: ReadonlyMap<string, Message>,
): AsyncGenerator<Buffer> {
  const encoders = new Map(
    trace.events.map((event, id) => [event.name, encoderOf(event, id, messages.get(event.name))]),
  );
  let records: Encoded[] = [];
  let bytes = 0;
  let streams = 0;
  const finish = (): Buffer => {
    const stream = streamOf(records);
    records = [];
    bytes = 0;
    streams += 1;
    return stream;
  };
  for await (const batch of batches) {
    for (const record of batch) {
      const encoded = encoders.get(record.event)!(record);
      records.push({ timeNs: BigInt(record.timestampNs), bytes: encoded });
      bytes += encoded.length;
    }
    if (records.length >= STREAM_RECORDS || bytes >= STREAM_BYTES) yield finish();
  }
  if (records.length > 0 || streams === 0) yield finish();
}

/** A stream of one packet, in the order of time. */
function streamOf(records: Encoded[]): Buffer {
  records.sort((a, b) => (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : 0));
  const header = Buffer.alloc(HEADER_BYTES);
  const bits = 8 * records.reduce((sum, { bytes }) => sum + bytes.length, HEADER_BYTES);
  header.writeUInt32LE(MAGIC);
  header.writeBigUInt64LE(records[0]?.timeNs ?? 0n, 4);
  header.writeBigUInt64LE(records.at(-1)?.timeNs ?? 0n, 12);
  header.writeBigUInt64LE(BigInt(bits), 20);
  header.writeBigUInt64LE(BigInt(bits), 28);
  return Buffer.concat([header, ...records.map(({ bytes }) => bytes)]);
}

function encoderOf(
  { arguments: parameters }: TraceEventSummary,
  id: number,
  message: Message | undefined,
): (record: TraceRecord) => Buffer {
  const fields = parameters.map(({ name, type }) => ({
    name,
    text: argumentKind(type) === 'text',
  }));
  return ({ timestampNs, pid, sequence, arguments: values }) => {
    const header = Buffer.alloc(2 + 8 + 4 + 8);
    header.writeUInt16LE(id);
    header.writeBigUInt64LE(BigInt(timestampNs), 2);
    header.writeUInt32LE(pid, 10);
    header.writeBigUInt64LE(BigInt(sequence), 14);
    return Buffer.concat([
      header,
      string(message?.(values) ?? ''),
      ...fields.map(({ name, text }) => (text ? string : number)(values[name]!)),
    ]);
  };
}

function number(value: string): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
  return bytes;
}

/** A text up to its first NUL, with one at its end. */
const string = (text: string): Buffer => Buffer.from(`${text.split('\0', 1)[0]!}\0`);

/** The trace's description, in TSDL. */
function metadataOf({ id, jobId, variant, workload, block, events }: Trace): string {
  const unsigned = (bits: number, more = '') =>
    `integer { size = ${bits}; align = 8; signed = false; ${more}}`;
  const time = unsigned(64, 'map = clock.monotonic.value; ');
  const text = 'string { encoding = UTF8; }';
  const typeOf = (type: string): string => {
    const kind = argumentKind(type);
    if (kind === 'text') return text;
    if (kind === 'signed') return 'integer { size = 64; align = 8; signed = true; }';
    return unsigned(64, type.includes('*') ? 'base = 16; ' : '');
  };
  return `/* CTF 1.8 */
trace {
  major = 1;
  minor = 8;
  byte_order = le;
  packet.header := struct { ${unsigned(32)} magic; };
};
env {
  tracer_name = "QEMU";
  qibench_trace = ${id};
  qibench_job = ${JSON.stringify(jobId)};
  qibench_variant = ${JSON.stringify(variant)};
  qibench_workload = ${JSON.stringify(workload)};
  qibench_block = ${block};
};
clock {
  name = monotonic;
  freq = 1000000000;
};
stream {
  packet.context := struct {
    ${time} timestamp_begin;
    ${time} timestamp_end;
    ${unsigned(64)} content_size;
    ${unsigned(64)} packet_size;
  };
  event.header := struct { ${unsigned(16)} id; ${time} timestamp; };
  event.context := struct { ${unsigned(32)} pid; ${unsigned(64)} sequence; ${text} message; };
};
${events
  .map(
    ({ name, arguments: parameters }, number) => `event {
  name = "${name}";
  id = ${number};
  fields := struct {${parameters
    // Readers remove the first underscore, which keeps names apart from keywords.
    .map(({ name: argument, type }) => ` ${typeOf(type)} _${argument};`)
    .join('')} };
};
`,
  )
  .join('')}`;
}
