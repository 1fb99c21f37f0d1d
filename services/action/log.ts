import { randomUUID } from 'node:crypto';
import { printable } from '../client/printable.js';

/** A workflow's log. What comes from elsewhere never becomes a command of it, wherever a line begins. */
export class Log {
  #group = false;

  constructor(private readonly write: (line: string) => void) {}

  /** A line of ours, which may quote what is not. */
  line(text: string): void {
    this.write(harmless(text));
  }

  /** Lines until the next group, or `endGroup`, fold under this title. */
  group(title: string): void {
    this.endGroup();
    this.write(`::group::${harmless(title)}`);
    this.#group = true;
  }

  endGroup(): void {
    if (this.#group) this.write('::endgroup::');
    this.#group = false;
  }

  /** Output of others, as it is: the runner takes no command until it sees a token that nobody can know. */
  foreign(text: string): void {
    const token = randomUUID();
    this.write(`::stop-commands::${token}`);
    for (const line of printable(text).split('\n')) this.write(line);
    this.write(`::${token}::`);
  }
}

/** One line that the runner takes for text. Source: actions/runner, ActionCommand.cs: `::` at the beginning of a line, after blanks, and `##[` anywhere. */
export function harmless(text: string): string {
  const line = printable(text)
    .replace(/[\n\u2028\u2029]+/g, ' ')
    .replaceAll('##[', '# #[');
  return line.trimStart().startsWith('::') ? `: ${line.trimStart().slice(1)}` : line;
}
