// SPDX-License-Identifier: GPL-2.0-or-later
import { InvalidArgumentError } from 'commander';

/** Returns the parser of an option that takes a whole number between two limits. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (!(value >= least && value <= most))
      throw new InvalidArgumentError(`Must be a whole number from ${least} to ${most}.`);
    return value;
  };
}
