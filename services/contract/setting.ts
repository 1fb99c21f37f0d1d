// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from './error.js';

/**
 * Parses a setting that is a whole number.
 *
 * @param name Name of the environment variable.
 * @param text Value of the variable; undefined or empty selects the default.
 * @throws {BAD_SETTING} The value is not a whole number.
 */
export function numberSetting(name: string, text: string | undefined, byDefault: number): number {
  if (text === undefined || text === '') return byDefault;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new QibenchError('BAD_SETTING', {
      setting: name,
      reason: `"${text.slice(0, 100)}" is not a whole number`,
    });
  return value;
}
