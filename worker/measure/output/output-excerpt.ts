// SPDX-License-Identifier: GPL-2.0-or-later
/** Characters of a run's output that the job's log keeps, from the start and from the end. */
const SHOWN_CHARACTERS = 2_048;

/** Returns the start and the end of an output, with a line that says how much is left out between. */
export function outputExcerpt(output: string): string {
  const text = output.replace(/\r\n/g, '\n').trimEnd();
  const left = text.length - 2 * SHOWN_CHARACTERS;
  return left <= 0
    ? text
    : `${text.slice(0, SHOWN_CHARACTERS)}\n[${left} characters are left out]\n${text.slice(-SHOWN_CHARACTERS)}`;
}
