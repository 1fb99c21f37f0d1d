import { QibenchError } from './error.js';

/**
 * A setting that is a whole number.
 *
 * @param name of the environment variable
 * @param text its value; undefined or empty is the default
 * @throws QibenchError BAD_SETTING
 */
export function numberSetting(name: string, text: string | undefined, byDefault: number): number {
  if (text === undefined || text === '') return byDefault;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new QibenchError('BAD_SETTING', {
      setting: name,
      reason: `"${text.slice(0, 100)}" is no whole number`,
    });
  return value;
}
