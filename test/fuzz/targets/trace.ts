import { parseTraceEvents, type DeclaredEvent } from '../../../worker/collect/trace-events.js';
import { TraceFormatError, readSimpleTrace } from '../../../worker/collect/simpletrace.js';
import { check, declares, nameOf, outcome, type Target } from '../target.js';

const EVENTS: readonly DeclaredEvent[] = parseTraceEvents('none(void)\none(int a)\ntext(const char *s)\nboth(uint64_t a, const char *s, int b)\nvcpu cpu(uint64_t a)\n');

const word = (...bytes: number[]): Buffer => Buffer.from(bytes);
const number = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes;
};

/** Everything that the reader says about the bytes, as text; `pieces` are where they are cut. */
async function read(input: Buffer, pieces: readonly number[]): Promise<string> {
  const said: string[] = [];
  const json = (value: unknown): string => JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}n` : ArrayBuffer.isView(item) ? Array.from(item as unknown as ArrayLike<number | bigint>, String).join() : item));
  async function* cut(): AsyncGenerator<Uint8Array> {
    let from = 0;
    for (const to of [...pieces, input.length]) {
      yield input.subarray(from, to);
      from = to;
    }
  }
  try {
    const reader = readSimpleTrace(cut(), EVENTS);
    for (;;) {
      const { done, value } = await reader.next();
      if (done) return `${json(value)}\n${said.join('\n')}`;
      said.push(json({ ...value, events: value.events.subarray(0, value.count), timestamps: value.timestamps.subarray(0, value.count), pids: value.pids.subarray(0, value.count), arguments: value.arguments.map((column) => column.subarray(0, value.count)) }));
    }
  } catch (error) {
    if (!(error instanceof TraceFormatError)) throw error;
    return error.message;
  }
}

export const simpletrace: Target = {
  name: 'simpletrace',
  dictionary: [
    number(-1n), number(0xf2b177cb0aa429b4n), number(4n), number(0n), number(1n), number(-2n), number(24n), number(0x7fffn), word(24, 0, 0, 0), word(32, 0, 0, 0), word(0, 0, 1, 0), word(255, 255, 255, 255),
    ...EVENTS.map(({ name }) => Buffer.concat([number(0n), number(1n), word(name.length, 0, 0, 0), Buffer.from(name)])),
  ],
  async run(input) {
    const whole = await read(input, []);
    const middle = Math.floor(input.length / 3);
    check((await read(input, [middle, Math.min(input.length, middle + 1)])) === whole, 'what is read does not depend on where the bytes are cut');
    return nameOf(whole);
  },
};

const format = ({ name, properties, arguments: parameters }: DeclaredEvent): string => `${[...properties, name].join(' ')}(${parameters.map(({ type, name: parameter }) => `${type} ${parameter}`).join(', ') || 'void'}) ""`;

export const traceEvents: Target = {
  name: 'trace-events',
  dictionary: ['(void)', 'disable ', 'vcpu ', 'const char *s', 'uint64_t a', ', ', '(', ')', '"', '\n', '#', '*', '\t', '\u2028', 'x(int a) "%d"\n'],
  run: (input) =>
    outcome(() => parseTraceEvents(input.toString('utf8')), declares(SyntaxError), (events) => {
      const again = parseTraceEvents(events.map(format).join('\n'));
      check(JSON.stringify(again) === JSON.stringify(events), 'what is written anew is read as the same events');
      return `accepted ${Math.min(events.length, 8)}`;
    }),
};
