// SPDX-License-Identifier: GPL-2.0-or-later
import { randomInteger, random } from '#statistics/random.js';
import { mutated } from './mutate.js';
import type { Target } from './target.js';

/** Maximum number of inputs selected for further mutation. */
const POPULATION = 512;

export interface Session {
  /** Tries one more input. @throws {Finding} The parser broke a rule. */
  step(): void | Promise<void>;
  /** Count of inputs per outcome. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Inputs that were the first with their outcome. */
  readonly firsts: readonly Buffer[];
}

/** A forbidden behaviour of a parser on an input. */
export class Finding extends Error {
  constructor(
    readonly input: Buffer,
    cause: unknown,
  ) {
    super(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), { cause });
    this.name = 'Finding';
  }
}

/**
 * Generates inputs for a target by mutating its corpus and the inputs that had a new kind of
 * outcome. Equal seeds give equal inputs.
 * @param onInput Called before each input is tried, so that an input that hangs is known.
 */
export function session(
  target: Target,
  corpus: readonly Buffer[],
  seed: number,
  onInput: (input: Buffer) => void = () => undefined,
): Session {
  const next = random(seed);
  const tokens = target.dictionary.map((token) => Buffer.from(token as string));
  const population = corpus.length === 0 ? [Buffer.alloc(0)] : [...corpus];
  const outcomes = new Map<string, number>();
  const firsts: Buffer[] = [];
  const pick = (): Buffer => population[randomInteger(next, population.length)]!;
  const note = (input: Buffer, outcome: string): void => {
    const seen = outcomes.get(outcome) ?? 0;
    outcomes.set(outcome, seen + 1);
    if (seen > 0) return;
    firsts.push(input);
    if (population.length < POPULATION) population.push(input);
    else population[randomInteger(next, population.length)] = input;
  };
  return {
    outcomes,
    firsts,
    step() {
      const input = mutated(pick(), pick(), tokens, next);
      if (target.repair !== undefined && next() < 0.8) target.repair(input);
      onInput(input);
      const found = (error: unknown): never => {
        throw new Finding(input, error);
      };
      let outcome: string | Promise<string>;
      try {
        outcome = target.run(Buffer.from(input));
      } catch (error) {
        return found(error);
      }
      if (typeof outcome === 'string') return note(input, outcome);
      return outcome.then((name) => note(input, name), found);
    },
  };
}
