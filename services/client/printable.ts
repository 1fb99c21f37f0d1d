// SPDX-License-Identifier: GPL-2.0-or-later
/** Characters that control a terminal or the direction of text, except newline and tab. */
const CONTROL =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Makes untrusted text safe for a terminal: control characters other than newline and tab become
 * visible escapes; carriage returns are removed.
 */
export function printable(text: string): string {
  return text.replace(CONTROL, (character) =>
    character === '\r' ? '' : `\\x${character.codePointAt(0)!.toString(16).padStart(2, '0')}`,
  );
}

/** Returns a value as JSON that is safe for a terminal. Parsers read the same value from it. */
export function printableJson(value: unknown, spaces = 0): string {
  return JSON.stringify(value, null, spaces).replace(
    CONTROL,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
