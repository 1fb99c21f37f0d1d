// SPDX-License-Identifier: GPL-2.0-or-later
import type { PackedChunk } from '#domain/trace/chunk.js';
import { rebuild } from '#domain/trace/raw.js';
import { openChunk } from '#domain/trace/record.js';
import { parseTraceEvents, type DeclaredEvent } from '#worker/measure/trace/trace-events.js';
import { readTrace } from '#worker/measure/trace/simpletrace/read-trace.js';
import { check, declares, nameOf, outcome, type Target } from '../target.js';

const EVENTS: readonly DeclaredEvent[] = parseTraceEvents(
  'none(void)\none(int a)\ntext(const char *s)\nboth(uint64_t a, const char *s, int b)\nvcpu cpu(uint64_t a)\n',
);

const word = (...bytes: number[]): Buffer => Buffer.from(bytes);
const number = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes;
};

/**
 * Returns the reader's whole result as text; `pieces` are the split points. Checks that the start
 * of the file can be reconstructed from it, byte for byte.
 */
async function read(input: Buffer, pieces: readonly number[]): Promise<string> {
  const chunks: PackedChunk[] = [];
  async function* cut(): AsyncGenerator<Uint8Array> {
    let from = 0;
    for (const to of [...pieces, input.length]) {
      yield input.subarray(from, to);
      from = to;
    }
  }
  const reader = readTrace(cut(), { events: EVENTS, maxBytes: Infinity });
  for (;;) {
    const { done, value } = await reader.next();
    if (!done) {
      chunks.push(value);
      continue;
    }
    const events = new Map(value.events.map((event) => [event.id, event]));
    const again = chunks.map((chunk) =>
      rebuild(
        openChunk({ ...chunk, firstSequence: BigInt(chunk.firstSequence) }),
        chunk.between,
        events,
      ),
    );
    check(
      Buffer.concat([...again, value.tail]).equals(input.subarray(0, value.rawBytes)),
      'the file can be rebuilt from the stored chunks',
    );
    // The amount read after the error's position varies.
    return JSON.stringify([chunks, { ...value, fileBytes: null }], (_, item: unknown) =>
      typeof item === 'bigint' ? `${item}n` : item,
    );
  }
}

export const simpletrace: Target = {
  name: 'simpletrace',
  dictionary: [
    number(-1n),
    number(0xf2b177cb0aa429b4n),
    number(4n),
    number(0n),
    number(1n),
    number(-2n),
    number(24n),
    number(0x7fffn),
    word(24, 0, 0, 0),
    word(32, 0, 0, 0),
    word(0, 0, 1, 0),
    word(255, 255, 255, 255),
    ...EVENTS.map(({ name }) =>
      Buffer.concat([number(0n), number(1n), word(name.length, 0, 0, 0), Buffer.from(name)]),
    ),
  ],
  async run(input) {
    const whole = await read(input, []);
    const middle = Math.floor(input.length / 3);
    check(
      (await read(input, [middle, Math.min(input.length, middle + 1)])) === whole,
      'the result does not depend on the chunks of the input',
    );
    return nameOf(/"partialReason":"?(.*?)"?,"tail"/.exec(whole)![1]!);
  },
};

function format({ name, properties, arguments: parameters }: DeclaredEvent): string {
  const declared = parameters.map(({ type, name: parameter }) => `${type} ${parameter}`);
  return `${[...properties, name].join(' ')}(${declared.join(', ') || 'void'}) ""`;
}

export const traceEvents: Target = {
  name: 'trace-events',
  dictionary: [
    '(void)',
    'disable ',
    'vcpu ',
    'const char *s',
    'uint64_t a',
    ', ',
    '(',
    ')',
    '"',
    '\n',
    '#',
    '*',
    '\t',
    '\u2028',
    'x(int a) "%d"\n',
  ],
  run: (input) =>
    outcome(
      () => parseTraceEvents(input.toString('utf8')),
      declares(SyntaxError),
      (events) => {
        const again = parseTraceEvents(events.map(format).join('\n'));
        check(
          JSON.stringify(again) === JSON.stringify(events),
          'a rewritten list reads back as the same events',
        );
        return `accepted ${Math.min(events.length, 8)}`;
      },
    ),
};
