// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import { printable } from '#client/printable.js';

/** Writes to the workflow's log and keeps untrusted text from becoming a workflow command. */
export class Log {
  #group = false;

  constructor(private readonly write: (line: string) => void) {}

  /** Writes one line of the Action, which may quote untrusted text. */
  line(text: string): void {
    this.write(escapeCommand(text));
  }

  /** Starts a group: lines until the next group or `endGroup` fold under this title. */
  group(title: string): void {
    this.endGroup();
    this.write(`::group::${escapeCommand(title)}`);
    this.#group = true;
  }

  endGroup(): void {
    if (this.#group) this.write('::endgroup::');
    this.#group = false;
  }

  /** Writes untrusted text unchanged: the runner ignores commands until it reads a random token. */
  untrusted(text: string): void {
    const token = randomUUID();
    this.write(`::stop-commands::${token}`);
    for (const line of printable(text).split('\n')) this.write(line);
    this.write(`::${token}::`);
  }
}

/**
 * Returns text as one line that the runner does not take for a command. A command begins with `::`
 * at the start of a line, after blanks, or with `##[` anywhere.
 * @see actions/runner, ActionCommand.cs
 */
export function escapeCommand(text: string): string {
  const line = printable(text)
    .replace(/[\n\u2028\u2029]+/g, ' ')
    .replaceAll('##[', '# #[');
  return line.trimStart().startsWith('::') ? `: ${line.trimStart().slice(1)}` : line;
}
