// SPDX-License-Identifier: GPL-2.0-or-later
/** A workflow command in the runner's interpretation. */
export interface Command {
  readonly name: string;
  readonly properties: string;
  readonly text: string;
}

/**
 * Splits a step's output into workflow commands and visible lines, like a runner. Source:
 * actions/runner, ActionCommandManager.cs and ActionCommand.cs (TryParseV2, TryParse).
 */
export function readAsRunner(log: string): { commands: Command[]; shown: string[] } {
  const commands: Command[] = [];
  const shown: string[] = [];
  let stopped: string | null = null;
  for (const line of log.split(/\r\n|\r|\n/)) {
    const found =
      /^\s*::([^ :]+)(?: ([^:]*))?::([^]*)$/.exec(line) ??
      /##\[([^\] ]+)(?: ([^\]]*))?\]([^]*)$/.exec(line);
    const [, name = '', properties = '', text = ''] = found ?? [];
    if (stopped !== null) {
      if (name === stopped) stopped = null;
      else shown.push(line);
    } else if (found === null) shown.push(line);
    else if (name === 'stop-commands') stopped = text;
    else commands.push({ name, properties, text: decoded(text) });
  }
  if (stopped !== null) throw new Error('commands are still stopped at the end');
  return { commands, shown };
}

function decoded(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}
