// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from './error.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The end of a sentence about a value that a type refuses: `is not a whole number`. */
export class BrokenRule {
  constructor(readonly rule: string) {}
}

/** Parses the text of an environment variable. The text is never empty. */
export type SettingType<T> = (text: string) => T | BrokenRule;

/** One environment variable of a process. */
export interface Setting<T> {
  /** Meaning, in Markdown, for docs/operating.md. */
  readonly meaning: string;
  /** Default as the documents show it; null: the variable is required. */
  readonly shownDefault: string | null;
  readonly type: SettingType<T>;
  /** Value without the variable. */
  readonly missing: T;
  /** Returns the parts of a value that must not appear in a log; absent: the value is public. */
  readonly secrets?: (text: string) => string[];
}

type Schema = Readonly<Record<string, Setting<unknown>>>;

/** Values of a schema, by the names of the variables. */
export type Values<S extends Schema> = {
  readonly [Name in keyof S]: S[Name] extends Setting<infer T> ? T : never;
};

/** A setting with a wrong value. */
export interface Fault {
  readonly setting: string;
  readonly reason: string;
}

/** Declares a setting that has a default. */
export function setting<T, D extends T | null = T>(
  meaning: string,
  type: SettingType<T>,
  missing: D,
  shownDefault: string = missing === null ? 'unset' : String(missing),
): Setting<T | D> {
  return { meaning, type, missing, shownDefault };
}

/** Declares a setting without which the process does not start. */
export function required<T>(
  meaning: string,
  type: SettingType<T>,
  secrets?: Setting<T>['secrets'],
): Setting<T> {
  return { meaning, type, missing: undefined as T, shownDefault: null, secrets };
}

/** Declares a setting whose whole value, or the parts that `parts` returns, are secret. */
export function secret<T>(
  kept: Setting<T>,
  parts: (text: string) => string[] = (text) => [text],
): Setting<T> {
  return { ...kept, secrets: parts };
}

/**
 * Reads the settings of a process. An empty variable counts as unset.
 *
 * @param rules Returns the faults that concern several settings. A setting with a wrong value is
 *   `missing` there.
 * @throws {BAD_SETTING} Names every wrong setting with its rule, one per line.
 */
export function readSettings<S extends Schema>(
  schema: S,
  environment: Environment,
  rules: (values: Values<S>) => Fault[] = () => [],
): Values<S> {
  const faults: Fault[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, { type, missing, shownDefault, secrets }] of Object.entries(schema)) {
    const text = environment[name] ?? '';
    values[name] = missing;
    if (text === '') {
      if (shownDefault === null) faults.push({ setting: name, reason: 'is required' });
      continue;
    }
    const value = type(text);
    if (!(value instanceof BrokenRule)) values[name] = value;
    else {
      const shown = secrets === undefined ? `"${text.slice(0, 100)}"` : 'the value';
      faults.push({ setting: name, reason: `${shown} ${value.rule}` });
    }
  }
  const known = new Set(faults.map((fault) => fault.setting));
  faults.push(...rules(values as Values<S>).filter((fault) => !known.has(fault.setting)));
  if (faults.length > 0) throw badSettings(faults);
  return values as Values<S>;
}

/** Returns the error that names every wrong setting, one per line. */
export function badSettings([first, ...others]: readonly Fault[]): QibenchError {
  const reason = [
    first!.reason,
    ...others.map((fault) => `${fault.setting}: ${fault.reason}`),
  ].join('\n');
  return new QibenchError('BAD_SETTING', { setting: first!.setting, reason });
}

/** Returns the secrets within the settings of an environment, for a log that must not have them. */
export function secretsIn(schema: Schema, environment: Environment): string[] {
  return Object.entries(schema).flatMap(([name, { secrets }]) => {
    const text = environment[name] ?? '';
    return text === '' || secrets === undefined ? [] : secrets(text);
  });
}
