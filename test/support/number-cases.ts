// SPDX-License-Identifier: GPL-2.0-or-later
/** Columns of 64-bit numbers that packing must preserve. */
export const NUMBER_CASES: readonly (readonly [name: string, numbers: readonly bigint[]])[] = [
  ['one number', [12_345_678_901_234n]],
  ['a constant', Array.from({ length: 100 }, () => 0xffff_8000_1234_5678n)],
  [
    'a constant stride',
    Array.from({ length: 100 }, (_, index) => 0x7f00_0000_0000n + 64n * BigInt(index)),
  ],
  ['a stride down', Array.from({ length: 100 }, (_, index) => 5_000n - 3n * BigInt(index))],
  ['small numbers', Array.from({ length: 300 }, (_, index) => BigInt((index * 7919) % 256))],
  [
    'numbers around zero',
    Array.from({ length: 300 }, (_, index) => BigInt(((index * 31) % 101) - 50)),
  ],
  [
    'numbers around 2^32',
    Array.from({ length: 300 }, (_, index) => 2n ** 32n - 100n + BigInt((index * 37) % 200)),
  ],
  [
    'numbers around 2^63, which is where the sign changes',
    Array.from({ length: 300 }, (_, index) => 2n ** 63n - 150n + BigInt((index * 41) % 300)),
  ],
  ['the least and the most', [-(2n ** 63n), 2n ** 63n - 1n, 0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)]],
  [
    'a large step among small ones',
    Array.from({ length: 300 }, (_, index) => BigInt(index) + (index > 150 ? 2n ** 61n : 0n)),
  ],
  [
    'two far values in turn',
    Array.from({ length: 300 }, (_, index) => (index % 2 === 0 ? 1n : 2n ** 55n)),
  ],
  ...[1, 2, 3, 4, 5, 6, 7, 8].map(
    (bytes) =>
      [
        `numbers of ${bytes} bytes`,
        Array.from(
          { length: 200 },
          (_, index) => (0x9e37_79b9_7f4a_7c15n * BigInt(index + 1)) % 2n ** BigInt(8 * bytes),
        ),
      ] as const,
  ),
];

/** Words of numbers, low word first. */
export function wordsOf(numbers: readonly bigint[]): Uint32Array {
  return new Uint32Array(
    BigUint64Array.from(numbers, (number) => BigInt.asUintN(64, number)).buffer,
  );
}
