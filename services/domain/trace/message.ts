// SPDX-License-Identifier: GPL-2.0-or-later
/** The text of a record by its event's format string, as QEMU's `log` backend writes it. */
import type { TraceEventArgument } from '#contract/qemu.js';
import { isTextType } from './argument-type.js';

/** Returns the text for the arguments of a record, by name. */
export type Message = (values: Readonly<Record<string, string>>) => string;

interface Conversion {
  readonly flags: string;
  /** Number, `*` for an argument, or undefined. */
  readonly width: string | undefined;
  /** Number or nothing, `*` for an argument, or undefined. */
  readonly precision: string | undefined;
  readonly length: string | undefined;
  readonly type: string;
}

/** A part of a C format: a macro of inttypes.h, a literal, or space. */
const SOURCE = /PRI([diouxX])(8|16|32|64|PTR|MAX)\b|"((?:[^"\\]|\\.)*)"|\s+/gy;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
const MACRO_LENGTHS: Readonly<Record<string, string>> = { 8: 'hh', 16: 'h', 32: '' };
const CONVERSION =
  /%(?<flags>[-+ #0]*)(?<width>\*|\d{1,3})?(?:\.(?<precision>\*|\d{0,3}))?(?<length>hh?|ll?|[zjt])?(?<type>[diouxXcsp%])/g;
const BITS: Readonly<Record<string, number>> = { hh: 8, h: 16, l: 64, ll: 64, z: 64, j: 64, t: 64 };
/** Limit for widths that a record has. */
const MAX_WIDTH = 1_000;

/**
 * Compiles an event's format.
 *
 * @param format C source, as `formatsOf` returns it.
 * @param parameters Arguments of the event, as recorded.
 * @returns Null if the format does not fit the arguments, or is not understood.
 */
export function compileMessage(
  format: string,
  parameters: readonly TraceEventArgument[],
): Message | null {
  // QEMU 7.2 adds the CPU to the arguments and the format of `vcpu` events.
  const text = unquote((parameters[0]?.name === '__cpu' ? '"cpu=%p "' : '') + format);
  if (text === null) return null;
  const conversions = [...text.matchAll(CONVERSION)].map(
    ({ groups }) => groups as unknown as Conversion,
  );
  const literals = text.split(new RegExp(CONVERSION.source.replaceAll(/\?<\w+>/g, '?:')));
  if (literals.some((literal) => literal.includes('%'))) return null;
  const wanted = conversions.flatMap(({ width, precision, type }) => [
    ...[width, precision].filter((size) => size === '*'),
    ...(type === '%' ? [] : [type]),
  ]);
  const fits = wanted.every((type, index) => {
    const parameter = parameters[index];
    return parameter !== undefined && (type === 's') === isTextType(parameter.type);
  });
  if (!fits) return null;
  return (values) => {
    let taken = 0;
    const next = () => values[parameters[taken++]!.name]!;
    return literals
      .map((literal, index) =>
        index === 0 ? literal : convert(conversions[index - 1]!, next) + literal,
      )
      .join('');
  };
}

/** Joins the parts of a C format; null if it has others than literals and macros. */
function unquote(source: string): string | null {
  let text = '';
  let end = 0;
  for (const [part, type, bits, literal] of source.matchAll(SOURCE)) {
    if (type !== undefined) text += `${MACRO_LENGTHS[bits!] ?? 'l'}${type}`;
    text += (literal ?? '').replaceAll(
      /\\(.)/g,
      (_, escaped: string) => ESCAPES[escaped] ?? escaped,
    );
    end += part.length;
  }
  return end === source.length ? text : null;
}

function convert(
  { flags, width, precision, length, type }: Conversion,
  next: () => string,
): string {
  if (type === '%') return '%';
  const size = (field: string | undefined): number | undefined => {
    if (field === undefined) return undefined;
    const asked = Number(field === '*' ? BigInt.asIntN(32, BigInt(next())) : field);
    return Math.max(-MAX_WIDTH, Math.min(MAX_WIDTH, asked));
  };
  const fullWidth = size(width) ?? 0;
  const digits = size(precision);
  const exact = digits !== undefined && digits >= 0 ? digits : undefined;
  const value = next();
  const left = flags.includes('-') || fullWidth < 0;
  const space = (text: string): string => {
    const padding = ' '.repeat(Math.max(0, Math.abs(fullWidth) - Buffer.byteLength(text)));
    return left ? text + padding : padding + text;
  };
  if (type === 's') {
    const bytes = Buffer.from(value.split('\0', 1)[0]!);
    return space(bytes.subarray(0, exact).toString());
  }
  const bits = BITS[length ?? ''] ?? 32;
  if (type === 'c') return space(String.fromCharCode(Number(BigInt.asUintN(8, BigInt(value)))));
  if (type === 'p')
    return space(value === '0' ? '(nil)' : `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`);
  const zeros = flags.includes('0') && !left && exact === undefined ? fullWidth : 0;
  return space(integer(type, flags, bits, BigInt(value), exact, zeros));
}

/** @param zeros Width to which zeros fill up. */
function integer(
  type: string,
  flags: string,
  bits: number,
  value: bigint,
  precision: number | undefined,
  zeros: number,
): string {
  const signed = type === 'd' || type === 'i';
  const number = signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  const radix = signed || type === 'u' ? 10 : type === 'o' ? 8 : 16;
  let digits = (number < 0n ? -number : number).toString(radix);
  if (precision === 0 && number === 0n) digits = '';
  digits = digits.padStart(precision ?? 1, '0');
  let prefix = '';
  if (signed)
    prefix = number < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  if (flags.includes('#') && radix === 16 && number !== 0n) prefix = '0x';
  if (flags.includes('#') && radix === 8 && !digits.startsWith('0')) digits = `0${digits}`;
  const text = prefix + digits.padStart(zeros - prefix.length, '0');
  return type === 'X' ? text.toUpperCase() : text;
}
