// SPDX-License-Identifier: GPL-2.0-or-later
import { isSignedType, isTextType } from './argument-type.js';
import { textOf, type OpenChunk, type TraceEvent } from './record.js';

/** A condition of a query: `name operator value`. */
export interface Condition {
  readonly text: string;
  readonly name: string;
  readonly operator: Operator;
  readonly value: string;
}

type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~';

/** Returns whether the condition holds for a row of a chunk. */
export type RowTest = (row: number) => boolean;

/** A condition on the records of one event, which prepares a test for the rows of a chunk. */
export type EventTest = (chunk: OpenChunk) => RowTest;

/** Parses a condition. Returns a string with the broken rule if the text is malformed. */
export function parseCondition(text: string): Condition | string {
  const found = /^\s*(\w+)\s*(!=|<=|>=|=|<|>|~)([^]*)$/.exec(text);
  if (found === null)
    return `"${text.slice(0, 100)}" is not a condition like addr=0x3f8; operators are = != < <= > >= and ~`;
  return { text, name: found[1]!, operator: found[2] as Operator, value: found[3]! };
}

/**
 * Returns the test of a condition for one event; null if the event lacks the argument, a string
 * with the reason if the argument does not support the comparison.
 */
export function testOf(condition: Condition, event: TraceEvent): EventTest | string | null {
  const column = event.arguments.findIndex(({ name }) => name === condition.name);
  if (column < 0) return null;
  const { type } = event.arguments[column]!;
  return isTextType(type)
    ? textTest(condition, column)
    : numberTest(condition, column, isSignedType(type));
}

function textTest({ name, operator, value }: Condition, column: number): EventTest | string {
  if (operator !== '=' && operator !== '!=' && operator !== '~')
    return `${name} is text: only =, != and ~ (contains) compare it`;
  const holds = (text: string) =>
    operator === '~' ? text.includes(value) : (text === value) === (operator === '=');
  return (chunk) => {
    const words = chunk.arguments[column]!;
    const matching = chunk.texts.map((bytes) => holds(textOf(bytes)));
    return (row) => matching[words[2 * row]!]!;
  };
}

/** Turns a comparison of numbers into a range test, or, for !=, into the negated range test. */
function numberTest(
  { name, operator, value }: Condition,
  column: number,
  signed: boolean,
): EventTest | string {
  if (operator === '~') return `${name} is a number: ~ compares text only`;
  const number = parseNumber(value);
  if (number === null)
    return `${name} is a number, but "${value.slice(0, 100)}" is not (decimal or 0x…)`;
  let least = signed ? -(2n ** 63n) : 0n;
  let most = signed ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  const inside = operator !== '!=';
  if (operator === '=' || operator === '!=' || operator === '>=' || operator === '>')
    least = max(least, operator === '>' ? number + 1n : number);
  if (operator === '=' || operator === '!=' || operator === '<=' || operator === '<')
    most = min(most, operator === '<' ? number - 1n : number);
  if (least > most) return () => () => !inside;
  // With the sign bit inverted, signed numbers sort like unsigned ones.
  const flip = signed ? 0x8000_0000 : 0;
  const [leastHigh, leastLow, mostHigh, mostLow] = [
    highOf(least, flip),
    lowOf(least),
    highOf(most, flip),
    lowOf(most),
  ];
  return (chunk) => {
    const words = chunk.arguments[column]!;
    return (row) => {
      const low = words[2 * row]!;
      const high = (words[2 * row + 1]! ^ flip) >>> 0;
      const within =
        (high > leastHigh || (high === leastHigh && low >= leastLow)) &&
        (high < mostHigh || (high === mostHigh && low <= mostLow));
      return within === inside;
    };
  };
}

function parseNumber(text: string): bigint | null {
  const found = /^\s*(-?)(0[xX][0-9a-fA-F]{1,32}|[0-9]{1,39})\s*$/.exec(text);
  if (found === null) return null;
  const number = BigInt(found[2]!);
  return found[1] === '-' ? -number : number;
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const lowOf = (value: bigint): number => Number(BigInt.asUintN(32, value));
const highOf = (value: bigint, flip: number): number =>
  (Number(BigInt.asUintN(32, value >> 32n)) ^ flip) >>> 0;
