// SPDX-License-Identifier: GPL-2.0-or-later
import type { TraceEventArgument } from './qemu.js';

/** Declaration of a trace event: its arguments and its format, as C source. */
export interface Declaration {
  readonly arguments: readonly TraceEventArgument[];
  readonly format: string | null;
}

/** One conversion of a format string, such as the `%04x` of `0x%04x`. */
interface Conversion {
  readonly letter: string;
  /** Digits to which zeros fill up a number. */
  readonly zeros: number;
}

const MAX_ZEROS = 16;
/** A C literal or a macro of a format's source. */
const PIECES = /"((?:[^"\\]|\\.)*)"|(\w+)/g;
const CONVERSIONS = /%([-+ #0']*)(\*|\d*)(?:\.(\*|\d*))?(?:hh?|ll?|[zjtLq])?([a-zA-Z%])/g;

/** Types that hold an address of the guest or the host. */
const ADDRESS_TYPE = /\*|\b(?:hwaddr|vaddr|ram_addr_t|dma_addr_t|target_ulong|u?intptr_t)\b/;
const ADDRESS_NAME = /(?:addr|address|ptr)$/i;
const TEXT_TYPE = /^\s*(?:const )?char ?\*$/;

/**
 * Formats the arguments of a trace record as the format of their event does: in hexadecimal with
 * leading zeros, in octal or in decimal. Pointers and addresses are always hexadecimal.
 *
 * @param values Values by name: integers in decimal, texts as they are.
 */
export function argumentTexts(
  { arguments: declared, format }: Declaration,
  values: Readonly<Record<string, string>>,
): [name: string, text: string][] {
  const conversions = conversionsOf(format, declared);
  return Object.entries(values).map(([name, value]) => {
    const at = declared.findIndex((argument) => argument.name === name);
    return [name, at < 0 ? value : argumentText(value, declared[at]!, conversions?.[at])];
  });
}

function argumentText(
  value: string,
  { type, name }: TraceEventArgument,
  conversion: Conversion | null | undefined,
): string {
  if (TEXT_TYPE.test(type) || !/^-?\d+$/.test(value)) return value;
  const letter = conversion?.letter ?? '';
  if (/[xXp]/.test(letter)) return hexadecimal(value, type, conversion!);
  if (ADDRESS_TYPE.test(type) || (ADDRESS_NAME.test(name) && !value.startsWith('-')))
    return hexadecimal(value, type, { letter: 'x', zeros: 0 });
  if (letter === 'o') return `0${unsigned(value, type).toString(8)}`;
  return value;
}

function hexadecimal(value: string, type: string, { letter, zeros }: Conversion): string {
  const digits = unsigned(value, type).toString(16).padStart(zeros, '0');
  return `0x${letter === 'X' ? digits.toUpperCase() : digits}`;
}

/** A negative number as the bits of its type, as printf shows it in hexadecimal. */
function unsigned(value: string, type: string): bigint {
  return value.startsWith('-') ? BigInt.asUintN(bitsOf(type), BigInt(value)) : BigInt(value);
}

function bitsOf(type: string): number {
  if (/64|\blong\b|size_t|off_t|ptr/.test(type) || ADDRESS_TYPE.test(type)) return 64;
  if (/16|\bshort\b/.test(type)) return 16;
  return /int8|\bchar\b/.test(type) ? 8 : 32;
}

/** Returns the conversion of each argument; null if the format does not fit the arguments. */
function conversionsOf(
  format: string | null,
  declared: readonly TraceEventArgument[],
): (Conversion | null)[] | null {
  const text = format === null ? null : textOf(format);
  if (text === null) return null;
  const conversions = [...text.matchAll(CONVERSIONS)].flatMap(
    ([, flags, width, precision, letter]): (Conversion | null)[] => {
      if (letter === '%') return [];
      const starred = [width, precision].filter((part) => part === '*').map(() => null);
      return [...starred, { letter: letter!, zeros: zerosOf(flags!, width!, precision) }];
    },
  );
  // A `vcpu` event of older QEMU has a first argument that its declaration does not show.
  const implicit = declared[0]?.name === '__cpu' ? [null] : [];
  const all = [...implicit, ...conversions];
  return all.length === declared.length ? all : null;
}

function zerosOf(flags: string, width: string, precision: string | undefined): number {
  const prefix = flags.includes('#') ? 2 : 0;
  const filled = flags.includes('0') && !flags.includes('-') ? Number(width) - prefix : 0;
  return Math.min(MAX_ZEROS, Math.max(0, Number(precision ?? 0) || 0, filled || 0));
}

/** Joins the literals of a format; a macro becomes its conversion. Null for an unknown macro. */
function textOf(format: string): string | null {
  let text = '';
  for (const [, literal, macro] of format.matchAll(PIECES)) {
    if (literal !== undefined) text += literal;
    else if (/PRI[diouxX]\w*$/.test(macro!)) text += /PRI([diouxX])/.exec(macro!)![1]!;
    else return null;
  }
  return text;
}
