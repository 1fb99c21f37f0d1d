/** A parser of bytes that anybody may send, as the fuzzer sees it. */
export interface Target {
  readonly name: string;
  /** Pieces that mean something to the parser; mutations put them anywhere. */
  readonly dictionary: readonly (string | Buffer)[];
  /** Make a mutated input pass checks that would refuse nearly all of them: checksums, for example. */
  readonly repair?: (input: Buffer) => void;
  /**
   * Parse the input. Returns, or throws the parser's declared error, either as a short name of what happened: inputs
   * with a new name are kept to be mutated further. Anything else that is thrown is a finding.
   */
  readonly run: (input: Buffer) => string | Promise<string>;
}

/** A finding: what a parser did must not be. */
export function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`broken rule: ${what}`);
}

/** An outcome without what varies from input to input. */
export function nameOf(message: string): string {
  return message
    .replace(/"(?:[^"\\]|\\.)*"?/g, '""')
    .replace(/[^ -~]+/g, '?')
    .replace(/\d+/g, '0')
    .slice(0, 80);
}

/** The outcome of a parser that throws only what `isDeclared` knows. */
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
