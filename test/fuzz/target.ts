// SPDX-License-Identifier: GPL-2.0-or-later
/** A parser of untrusted bytes, in the fuzzer's form. */
export interface Target {
  readonly name: string;
  /** Tokens of the parser's language; mutations insert them anywhere. */
  readonly dictionary: readonly (string | Buffer)[];
  /**
   * Makes a mutated input pass checks that would refuse nearly all inputs, for example checksums.
   */
  readonly repair?: (input: Buffer) => void;
  /**
   * Parses the input. Returns, or throws as the parser's declared error, a short name of the
   * outcome: inputs with a new name are mutated further. Any other exception is a finding.
   */
  readonly run: (input: Buffer) => string | Promise<string>;
}

/** Throws a finding if a rule does not hold. */
export function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`broken rule: ${what}`);
}

/** Removes the parts of an outcome that vary from input to input. */
export function nameOf(message: string): string {
  return message
    .replace(/"(?:[^"\\]|\\.)*"?/g, '""')
    .replace(/[^ -~]+/g, '?')
    .replace(/\d+/g, '0')
    .slice(0, 80);
}

/** Returns the outcome of a parser that may throw only the errors accepted by `isDeclared`. */
export function outcome<T>(
  parse: () => T,
  isDeclared: (error: unknown) => error is Error,
  accepted: (value: T) => string,
): string {
  let value: T;
  try {
    value = parse();
  } catch (error) {
    if (!isDeclared(error)) throw error;
    return nameOf(error.message);
  }
  return accepted(value);
}

export const declares =
  <E extends Error>(kind: abstract new (...args: never[]) => E) =>
  (error: unknown): error is E =>
    error instanceof kind;
export const nothing = (_: unknown): _ is never => false;
