// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Perfetto's own format: a TrackEvent per record, an instant on the track of its thread.
 *
 * Arguments are typed: pointers, signed and unsigned numbers, texts. `message` is the event's
 * format with them, `sequence` the record's place in the file. All records of a thread have one
 * flow, which leads from each to the next. Times are the trace's.
 *
 * @see https://github.com/google/perfetto/blob/v55.3/protos/perfetto/trace/track_event/track_event.proto
 */
import type { Trace, TraceRecord } from '#contract/trace.js';
import type { Message } from '#domain/trace/message.js';
import { argumentKind } from '#domain/trace/record.js';
import { ProtobufWriter } from './protobuf.js';

/** Field numbers, by message. */
const TRACE = { packet: 1 } as const;
const PACKET = {
  timestamp: 8,
  sequence: 10,
  trackEvent: 11,
  internedData: 12,
  sequenceFlags: 13,
  trackDescriptor: 60,
} as const;
const EVENT = {
  categories: 22,
  annotations: 4,
  type: 9,
  nameId: 10,
  trackUuid: 11,
  flows: 47,
} as const;
const ANNOTATION = { nameId: 1, unsigned: 3, signed: 4, text: 6, pointer: 7 } as const;
const INTERNED = { eventNames: 2, annotationNames: 3 } as const;
const NAME = { id: 1, name: 2 } as const;
const TRACK = { uuid: 1, process: 3, thread: 4, parentUuid: 5 } as const;
const PROCESS = { pid: 1, name: 6 } as const;
const THREAD = { pid: 1, tid: 2 } as const;

const INSTANT = 3;
/** Flags of a packet: names begin here, names are needed. */
const CLEARED = 1;
const NEEDED = 2;
/** Threads that are remembered as described: a hostile trace has as many as records. */
const MOST_THREADS = 65_536;
const QEMU_PID = 1;
const QEMU_UUID = 1;

/** Numbers of names, from 1. */
const numbered = (names: Iterable<string>): Map<string, number> =>
  new Map([...new Set(names)].map((name, index) => [name, index + 1]));

/** Yields the file in pieces, one per batch of records. */
export async function* writePerfettoTrace(
  trace: Trace,
  batches: AsyncIterable<readonly TraceRecord[]>,
  messages: ReadonlyMap<string, Message>,
): AsyncGenerator<Buffer> {
  const writer = new TraceWriter(trace, messages);
  for await (const batch of batches) {
    for (const record of batch) writer.add(record);
    yield writer.take();
  }
  yield writer.take();
}

class TraceWriter {
  readonly #out = new ProtobufWriter();
  readonly #messages: ReadonlyMap<string, Message>;
  readonly #events: ReadonlyMap<string, number>;
  readonly #annotations: ReadonlyMap<string, number>;
  /** Field of each argument's value, by event. */
  readonly #fields: ReadonlyMap<string, readonly (readonly [name: string, field: number])[]>;
  readonly #threads = new Set<number>();

  /** Begins a file with its names and the process. */
  constructor({ events }: Trace, messages: ReadonlyMap<string, Message>) {
    this.#messages = messages;
    this.#events = numbered(events.map(({ name }) => name));
    this.#annotations = numbered([
      'sequence',
      'message',
      ...events.flatMap(({ arguments: parameters }) => parameters.map(({ name }) => name)),
    ]);
    this.#fields = new Map(
      events.map(({ name, arguments: parameters }) => [
        name,
        parameters.map(({ name: argument, type }) => [argument, annotationField(type)] as const),
      ]),
    );
    const out = this.#out;
    this.#packet(() => {
      out.integer(PACKET.sequenceFlags, CLEARED);
      out.message(PACKET.internedData, () => {
        this.#names(INTERNED.eventNames, this.#events);
        this.#names(INTERNED.annotationNames, this.#annotations);
      });
    });
    this.#track(QEMU_UUID, () =>
      out.message(TRACK.process, () => {
        out.integer(PROCESS.pid, QEMU_PID);
        out.text(PROCESS.name, 'QEMU');
      }),
    );
  }

  take(): Buffer {
    return this.#out.take();
  }

  add({ event, timestampNs, pid, sequence, arguments: values }: TraceRecord): void {
    const out = this.#out;
    const uuid = QEMU_UUID + 1 + pid;
    if (!this.#threads.has(pid)) {
      if (this.#threads.size === MOST_THREADS) this.#threads.clear(); // described again
      this.#threads.add(pid);
      this.#track(uuid, () =>
        out.message(TRACK.thread, () => {
          out.integer(THREAD.pid, QEMU_PID);
          out.integer(THREAD.tid, pid | 0);
        }),
      );
    }
    const message = this.#messages.get(event);
    this.#packet(() => {
      out.integer(PACKET.timestamp, numberOf(timestampNs));
      out.integer(PACKET.sequenceFlags, NEEDED);
      out.message(PACKET.trackEvent, () => {
        out.text(EVENT.categories, 'qemu');
        out.integer(EVENT.type, INSTANT);
        out.integer(EVENT.nameId, this.#events.get(event)!);
        out.integer(EVENT.trackUuid, uuid);
        out.fixed64(EVENT.flows, BigInt(uuid));
        for (const [name, field] of this.#fields.get(event)!)
          this.#annotation(name, field, values[name]!);
        this.#annotation('sequence', ANNOTATION.unsigned, sequence);
        if (message !== undefined) this.#annotation('message', ANNOTATION.text, message(values));
      });
    });
  }

  #annotation(name: string, field: number, value: string): void {
    const out = this.#out;
    out.message(EVENT.annotations, () => {
      out.integer(ANNOTATION.nameId, this.#annotations.get(name)!);
      if (field === ANNOTATION.text) out.text(field, value);
      else out.integer(field, numberOf(value));
    });
  }

  /** Writes a packet of the file's only sequence. */
  #packet(write: () => void): void {
    this.#out.message(TRACE.packet, () => {
      this.#out.integer(PACKET.sequence, 1);
      write();
    });
  }

  #names(field: number, names: ReadonlyMap<string, number>): void {
    const out = this.#out;
    for (const [name, id] of names)
      out.message(field, () => {
        out.integer(NAME.id, id);
        out.text(NAME.name, name);
      });
  }

  #track(uuid: number, write: () => void): void {
    const out = this.#out;
    this.#packet(() =>
      out.message(PACKET.trackDescriptor, () => {
        out.integer(TRACK.uuid, uuid);
        if (uuid !== QEMU_UUID) out.integer(TRACK.parentUuid, QEMU_UUID);
        write();
      }),
    );
  }
}

/** Most numbers are small, and bigints are slow. */
const numberOf = (digits: string): number | bigint =>
  digits.length < 16 ? Number(digits) : BigInt(digits);

function annotationField(type: string): number {
  const kind = argumentKind(type);
  if (kind !== 'unsigned') return kind === 'text' ? ANNOTATION.text : ANNOTATION.signed;
  return type.includes('*') ? ANNOTATION.pointer : ANNOTATION.unsigned;
}
