// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import { compileMessage } from '#domain/trace/message.js';

const TYPES = { d: 'int64_t', x: 'uint64_t', s: 'const char *', p: 'void *' } as const;

/** Returns a format's text for arguments, whose kinds are letters of TYPES. */
function text(format: string, kinds: string, ...values: string[]): string | null {
  const parameters = [...kinds].map((kind, index) => ({
    type: TYPES[kind as keyof typeof TYPES],
    name: `a${index}`,
  }));
  const message = compileMessage(format, parameters);
  return message?.(Object.fromEntries(values.map((value, index) => [`a${index}`, value]))) ?? null;
}

/** Texts of the same formats by C's own printf, which python3 calls. */
function byPrintf(
  cases: readonly (readonly [format: string, values: readonly string[]])[],
): string[] {
  const script = `
import ctypes, json, sys
c = ctypes.CDLL(None)
out = []
for format, values in json.load(sys.stdin):
    given = [ctypes.c_char_p(v[1:].encode()) if v.startswith("'") else ctypes.c_uint64(int(v) % 2**64) for v in values]
    text = ctypes.create_string_buffer(4096)
    c.snprintf(text, 4096, format.encode(), *given)
    out.append(text.value.decode("latin1" if "%c" in format else "utf8"))
json.dump(out, sys.stdout)`;
  return JSON.parse(
    execFileSync('python3', ['-c', script], { input: JSON.stringify(cases), encoding: 'utf8' }),
  ) as string[];
}

const NUMBERS = [
  '0',
  '1',
  '-1',
  '42',
  '255',
  '-128',
  '65536',
  '4294967295',
  '-2147483648',
  '9223372036854775807',
];
const FLAGS = ['', '-', '0', '+', ' ', '#', '#0', '-#', '+0'];
const SIZES = ['', '1', '12', '.0', '.5', '12.5', '3.'];
const LENGTHS = ['', 'hh', 'h', 'l', 'll', 'z', 'j', 't'];

test("numbers are written as C's printf writes them, with every flag, width, precision and length", () => {
  const cases = FLAGS.flatMap((flags) =>
    SIZES.flatMap((size) =>
      LENGTHS.flatMap((length) =>
        [...'diouxX'].flatMap((type) =>
          NUMBERS.map((number) => [`[%${flags}${size}${length}${type}]`, [number]] as const),
        ),
      ),
    ),
  );
  const expected = byPrintf(cases);
  const wrong = cases.filter(
    ([format, [number]], index) => text(`"${format}"`, 'd', number!) !== expected[index],
  );
  expect(cases.length).toBe(30_240);
  expect(wrong).toEqual([]);
});

test("texts, pointers, characters and widths from arguments are written as by C's printf", () => {
  const cases: readonly (readonly [format: string, kinds: string, values: readonly string[]])[] = [
    ['%s|%8s|%-8s|%.2s', 'ssss', ["'abc", "'abc", "'abc", "'abc"]],
    ['%8s|%-8s|', 'ss', ["'grüße", "'grüße"]],
    ['%p %p %20p %-20p|', 'pppp', ['0', '140737488355328', '4096', '4096']],
    ['%c%3c%-3c|', 'ddd', ['65', '66', '67']],
    [
      '%*d|%-*d|%.*s|%*.*x',
      'd'.repeat(5) + 's' + 'd'.repeat(3),
      ['6', '42', '6', '42', '2', "'abc", '8', '4', '255'],
    ],
    ['%*d|', 'dd', ['-6', '42']],
    ['100%% of %u', 'x', ['7']],
  ];
  const expected = byPrintf(cases.map(([format, , values]) => [format, values]));
  expect(
    cases.map(([format, kinds, values]) =>
      text(`"${format}"`, kinds, ...values.map((value) => value.replace(/^'/, ''))),
    ),
  ).toEqual(expected);
});

test('macros of inttypes.h, several literals and escaped characters are understood', () => {
  expect(
    text(
      String.raw`"addr 0x%" PRIx64 " is \"%s\" %"PRId8" %"PRIu32" 0x%"PRIxPTR`,
      'xsd' + 'xx',
      '4096',
      'ram',
      '511',
      '4294967296',
      '16',
    ),
  ).toBe('addr 0x1000 is "ram" -1 0 0x10');
});

test('a text ends at its first NUL', () => {
  expect(text('"%s."', 's', 'a\0b')).toBe('a.');
});

test('the CPU of a vcpu event comes first, as in QEMU 7.2', () => {
  const parameters = [
    { type: 'void *', name: '__cpu' },
    { type: 'uint64_t', name: 'vaddr' },
  ];
  const message = compileMessage('"info 0x%"PRIx64', parameters)!;
  expect(message({ __cpu: '4096', vaddr: '255' })).toBe('cpu=0x1000 info 0xff');
});

test.each([
  ['an argument that is missing', '"%d %d"', 'd'],
  ['a text as a number', '"%d"', 's'],
  ['a number as a text', '"%s"', 'd'],
  ['a conversion that printf lacks', '"%y"', 'd'],
  ['a floating-point number', '"%f"', 'd'],
  ['an unknown macro', '"0x%" HWADDR_PRIx', 'x'],
  ['an open literal', '"%d', 'd'],
  ['a width of a thousand digits', `"%${'9'.repeat(1000)}d"`, 'd'],
])('a format with %s has no text', (_, format, kinds) => {
  expect(text(format, kinds, '1', '2')).toBeNull();
});

test('a width from a record is limited', () => {
  expect(text('"%*d"', 'dd', '2147483647', '1')).toHaveLength(1_000);
});
