// SPDX-License-Identifier: GPL-2.0-or-later
import { parseArgs, type ParseArgsConfig } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;
interface Config<T extends Options> {
  readonly options: T;
  readonly allowPositionals: true;
  readonly allowNegative: true;
}

/**
 * Returns the options and arguments of this program. Instead ends the program after the usage with
 * `--help`, or with the reason and status 2 for an option that it does not have.
 *
 * @param takesArguments Whether the program takes arguments that are not options.
 */
export function programOptions<const T extends Options>(
  usage: string,
  options: T,
  takesArguments = false,
): ReturnType<typeof parseArgs<Config<T>>> {
  if (process.argv.includes('--help')) {
    console.log(`usage: ${usage}`);
    process.exit(0);
  }
  try {
    const parsed = parseArgs<Config<T>>({ options, allowPositionals: true, allowNegative: true });
    const [first] = parsed.positionals;
    if (first !== undefined && !takesArguments) throw new Error(`Unexpected argument '${first}'`);
    return parsed;
  } catch (error) {
    console.error(`${(error as Error).message}\nusage: ${usage}`);
    process.exit(2);
  }
}
