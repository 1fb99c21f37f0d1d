// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Makes untrusted text safe for a terminal: control characters other than newline and tab become
 * visible escapes; carriage returns are removed.
 */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) =>
      character === '\r' ? '' : `\\x${character.codePointAt(0)!.toString(16).padStart(2, '0')}`,
  );
}
