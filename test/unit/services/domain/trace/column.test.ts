// SPDX-License-Identifier: GPL-2.0-or-later
import { unpackWords } from '#domain/trace/column.js';
import { NativeRecords } from '#domain/trace/native/records.js';
import { NUMBER_CASES, wordsOf } from '#support/number-cases.js';

const records = new NativeRecords(1);
const pack = (numbers: readonly bigint[]): Uint8Array => records.packWords(wordsOf(numbers));

function unpack(packed: Uint8Array, count: number): bigint[] {
  const words = new Uint32Array(2 * count);
  expect(unpackWords(packed, 0, count, words, 0)).toBe(packed.length);
  return [...new BigUint64Array(words.buffer)];
}

test.each(NUMBER_CASES)('%s survive packing', (_, numbers) => {
  expect(unpack(pack(numbers), numbers.length)).toEqual(
    numbers.map((number) => BigInt.asUintN(64, number)),
  );
});

test('constants and constant strides take zero bytes per number, and others the fewest possible', () => {
  const bytes = Object.fromEntries(
    NUMBER_CASES.map(([name, numbers]) => [name, pack(numbers).length]),
  );
  expect(bytes).toMatchObject({
    'a constant': 9,
    'a constant stride': 17,
    'a stride down': 17,
    'small numbers': 9 + 300,
    'numbers around zero': 9 + 300,
    'numbers around 2^32': 9 + 300,
  });
  for (const width of [1, 2, 3, 4, 5, 6, 7, 8])
    expect(bytes[`numbers of ${width} bytes`]).toBeLessThanOrEqual(17 + 200 * width);
});

test('a column holds several consecutive blocks', () => {
  const column = Buffer.concat([pack([5n, 6n, 7n]), pack([0xffff_ffffn, 0n])]);
  const words = new Uint32Array(10);
  const next = unpackWords(column, 0, 3, words, 0);
  expect(unpackWords(column, next, 2, words, 3)).toBe(column.length);
  expect([...words].filter((_, index) => index % 2 === 0)).toEqual([5, 6, 7, 0xffff_ffff, 0]);
});

test('a column shorter than its header states is refused', () => {
  expect(() =>
    unpackWords(pack([1n, 200n, 3n]).subarray(0, 10), 0, 3, new Uint32Array(6), 0),
  ).toThrow(RangeError);
});
