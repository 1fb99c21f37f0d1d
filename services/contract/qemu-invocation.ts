// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { storable } from './project.js';

/** Limits of a `QemuInvocation`. Job, workload and variant may each have one. */
export const INVOCATION_LIMITS = {
  arguments: 64,
  variables: 32,
  /** Arguments and environment together, in UTF-8. */
  bytes: 16 * 1024,
  stdinBytes: 16 * 1024,
} as const;

/** Text of one line: an argument, or the value of a variable. */
export const oneLine = (maximum: number): z.ZodString =>
  z
    .string()
    .max(maximum)
    .refine(
      (text) => !/\p{Cc}|\p{Bidi_Control}|\p{Surrogate}/u.test(text),
      'contains a control or direction character, such as a line break, or half a surrogate pair',
    );

/**
 * Options that qibench sets, by mode. A second one would replace the first without a message, and
 * the variant would measure something else. QEMU accepts one dash or two, and no abbreviation. A
 * placeholder in an option's name could become such an option.
 */
const RESERVED_OPTIONS = ['trace', 'instr', 'plugin', 'd', 'D'] as const;
const RESERVED_OPTION = new RegExp(`^-(?:-?(?:${RESERVED_OPTIONS.join('|')})$|.*\\{\\w+\\})`);

/** The rule that such an option breaks. */
export const RESERVED =
  `is an option that the variant's mode sets (-${RESERVED_OPTIONS.join(', -')}), or has a ` +
  "placeholder in an option's name";

/** Returns whether an argument of QEMU is an option that only a variant's mode may set. */
export function isReserved(argument: string): boolean {
  return RESERVED_OPTION.test(argument);
}

/**
 * Returns the arguments of user-mode QEMU that precede the program. An option that has no value is
 * taken to have one, so the program may be among them, but none of the program's arguments.
 */
export function wordsBeforeProgram(words: readonly string[]): readonly string[] {
  let index = 0;
  while (words[index]?.startsWith('-') === true)
    index += words[index + 1]?.startsWith('-') === true ? 1 : 2;
  return words.slice(0, index);
}

/** Variables by which user-mode QEMU takes the same options, and the runner's own. */
const RESERVED_VARIABLE = /^(?:QEMU_(?:TRACE|INSTR|PLUGIN|LOG|LOG_FILENAME)$|QIBENCH_)/;

const Argument = oneLine(INVOCATION_LIMITS.bytes).refine((word) => !isReserved(word), RESERVED);

const VariableName = z
  .string()
  .regex(/^(?!__)[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'letters, digits and _, at most 64')
  .refine((name) => !RESERVED_VARIABLE.test(name), 'is a variable that qibench sets');

interface Strings {
  readonly arguments?: readonly string[] | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** Returns whether arguments and environment are within INVOCATION_LIMITS.bytes together. */
export function isShort({ arguments: words = [], environment = {} }: Strings): boolean {
  const strings = [...words, ...Object.entries(environment).flat()];
  return bytesOf(strings.join('\0')) <= INVOCATION_LIMITS.bytes;
}
export const TOO_LONG = `arguments and environment have more than ${INVOCATION_LIMITS.bytes} bytes together`;

/** Arguments, environment and standard input of QEMU, beside the arguments of mode and workload. */
export const QemuInvocation = z
  .strictObject({
    arguments: z
      .array(Argument)
      .max(INVOCATION_LIMITS.arguments)
      .optional()
      .describe(
        "system emulators: after the workload's, so that the last one counts; user mode: before " +
          'the program; {name} is replaced by a parameter of the workload or a swept value',
      ),
    environment: z
      .record(VariableName, oneLine(INVOCATION_LIMITS.bytes))
      .refine(
        (variables) => Object.keys(variables).length <= INVOCATION_LIMITS.variables,
        `at most ${INVOCATION_LIMITS.variables} variables`,
      )
      .optional()
      .describe('variables of QEMU, which passes them to a user-mode guest'),
    stdin: storable(z.string())
      .refine(
        (text) => bytesOf(text) <= INVOCATION_LIMITS.stdinBytes,
        `at most ${INVOCATION_LIMITS.stdinBytes} bytes`,
      )
      .optional()
      .describe('text on standard input, followed by its end; default: nothing'),
  })
  .refine(isShort, TOO_LONG);
export type QemuInvocation = z.infer<typeof QemuInvocation>;

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/**
 * Merges invocations, from the general to the special: arguments follow each other, variables
 * replace each other, and the last standard input counts. Undefined if none has anything.
 */
export function mergedInvocation(
  ...parts: readonly (QemuInvocation | undefined)[]
): QemuInvocation | undefined {
  const given = parts.filter((part) => part !== undefined);
  const words = given.flatMap((part) => part.arguments ?? []);
  const environment = Object.assign({}, ...given.map((part) => part.environment)) as Record<
    string,
    string
  >;
  const stdin = given.findLast((part) => part.stdin !== undefined)?.stdin;
  const merged = {
    ...(words.length === 0 ? {} : { arguments: words }),
    ...(Object.keys(environment).length === 0 ? {} : { environment }),
    ...(stdin === undefined ? {} : { stdin }),
  };
  return Object.keys(merged).length === 0 ? undefined : merged;
}
