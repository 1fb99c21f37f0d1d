// SPDX-License-Identifier: GPL-2.0-or-later
import { randomInteger, type Random } from '#statistics/random.js';

/** Longest input that mutations make. */
export const INPUT_LIMIT_BYTES = 64 * 1024;

const INTERESTING = [
  0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
];

type Mutation = (input: Buffer, next: Random, tokens: readonly Buffer[], other: Buffer) => Buffer;

const splice = (input: Buffer, at: number, removed: number, inserted: Uint8Array): Buffer =>
  Buffer.concat([input.subarray(0, at), inserted, input.subarray(at + removed)]);
const place = (input: Buffer, next: Random): number => randomInteger(next, input.length + 1);
const length = (next: Random, limit: number): number =>
  Math.min(limit, 1 + randomInteger(next, 2 ** (1 + randomInteger(next, 10))));

/** Mutations; each changes one thing. */
const MUTATIONS: readonly Mutation[] = [
  function flipBit(input, next) {
    if (input.length > 0) input[randomInteger(next, input.length)]! ^= 1 << randomInteger(next, 8);
    return input;
  },
  function setByte(input, next) {
    if (input.length > 0) input[randomInteger(next, input.length)] = randomInteger(next, 256);
    return input;
  },
  function setNumber(input, next) {
    const bytes = [1, 2, 4][randomInteger(next, 3)]!;
    if (input.length < bytes) return input;
    const value = INTERESTING[randomInteger(next, INTERESTING.length)]! % 2 ** (8 * bytes);
    const at = randomInteger(next, input.length - bytes + 1);
    if (next() < 0.5) input.writeUIntLE(value, at, bytes);
    else input.writeUIntBE(value, at, bytes);
    return input;
  },
  function remove(input, next) {
    const at = place(input, next);
    return splice(input, at, length(next, input.length - at), Buffer.alloc(0));
  },
  function repeat(input, next) {
    const at = place(input, next);
    return splice(input, at, 0, input.subarray(at, at + length(next, 4096)));
  },
  function truncate(input, next) {
    return input.subarray(0, place(input, next));
  },
  function insertToken(input, next, tokens) {
    return tokens.length === 0
      ? input
      : splice(input, place(input, next), 0, tokens[randomInteger(next, tokens.length)]!);
  },
  function overwriteToken(input, next, tokens) {
    if (tokens.length === 0) return input;
    const token = tokens[randomInteger(next, tokens.length)]!;
    return splice(input, place(input, next), token.length, token);
  },
  function takeFromOther(input, next, _, other) {
    const from = place(other, next);
    return splice(
      input,
      place(input, next),
      next() < 0.5 ? length(next, 512) : 0,
      other.subarray(from, from + length(next, 4096)),
    );
  },
  function cross(input, next, _, other) {
    return Buffer.concat([
      input.subarray(0, place(input, next)),
      other.subarray(place(other, next)),
    ]);
  },
  /** Replaces a number in digits with another: longer, negative, huge. */
  function setDigits(input, next) {
    const start = place(input, next);
    const at = input.subarray(start).findIndex((byte) => byte >= 0x30 && byte <= 0x39);
    if (at < 0) return input;
    let end = start + at;
    while (end < input.length && input[end]! >= 0x30 && input[end]! <= 0x39) end += 1;
    const digits = [
      '0',
      '-1',
      '1e999',
      '4294967296',
      '18446744073709551616',
      '9'.repeat(40),
      '00',
      '1.5',
      String(randomInteger(next, 1000)),
    ];
    return splice(
      input,
      start + at,
      end - start - at,
      Buffer.from(digits[randomInteger(next, digits.length)]!),
    );
  },
];

/** Returns a copy of the input after some mutations. */
export function mutated(
  input: Buffer,
  other: Buffer,
  tokens: readonly Buffer[],
  next: Random,
): Buffer {
  let result: Buffer = Buffer.from(input);
  for (let left = 2 ** randomInteger(next, 4); left > 0; left -= 1) {
    const changed = MUTATIONS[randomInteger(next, MUTATIONS.length)]!(result, next, tokens, other);
    result =
      changed.length > INPUT_LIMIT_BYTES
        ? Buffer.from(changed.subarray(0, INPUT_LIMIT_BYTES))
        : changed;
  }
  return Buffer.from(result);
}
