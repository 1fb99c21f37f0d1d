// SPDX-License-Identifier: GPL-2.0-or-later
import { maxColumnBytes, packNumbers, packWords, unpackWords } from '#domain/trace/column.js';
import { NUMBER_CASES, wordsOf } from '#support/number-cases.js';

function pack(numbers: readonly bigint[], order: Uint32Array | null = null): Uint8Array {
  const out = new Uint8Array(maxColumnBytes(numbers.length, 1));
  return out.subarray(0, packWords(wordsOf(numbers), order, 0, numbers.length, out, 0));
}

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

test('numbers are returned in the requested order', () => {
  expect(unpack(pack([10n, 20n, 30n], Uint32Array.of(2, 0, 1)), 3)).toEqual([30n, 10n, 20n]);
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
  const out = new Uint8Array(1000);
  const first = packNumbers(Uint16Array.of(5, 6, 7), 3, out, 0);
  const end = packNumbers(Uint32Array.of(0xffff_ffff, 0), 2, out, first);
  const words = new Uint32Array(10);
  expect(unpackWords(out, unpackWords(out, 0, 3, words, 0), 2, words, 3)).toBe(end);
  expect([...words].filter((_, index) => index % 2 === 0)).toEqual([5, 6, 7, 0xffff_ffff, 0]);
});

test('a column shorter than its header states is refused', () => {
  expect(() =>
    unpackWords(pack([1n, 200n, 3n]).subarray(0, 10), 0, 3, new Uint32Array(6), 0),
  ).toThrow(RangeError);
});
