// SPDX-License-Identifier: GPL-2.0-or-later
/** ECMA-48 control sequences, and operating system commands as xterm has them. */
const ESCAPES =
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[@-_]/g;
/** Other control characters than tab and newline. */
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** Converts the output of a terminal to plain text. */
export function plainText(text: string): string {
  return text
    .replace(ESCAPES, '')
    .replace(/\r+\n?/g, '\n')
    .replace(CONTROLS, '');
}
