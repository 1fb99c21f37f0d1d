// SPDX-License-Identifier: GPL-2.0-or-later
import { MAX_ARGUMENTS } from '#domain/trace/argument-type.js';
import type { TraceEventArgument } from '#contract/qemu.js';

/** One declaration of a trace-events file. */
export interface DeclaredEvent {
  readonly name: string;
  readonly arguments: readonly TraceEventArgument[];
  /** For example `disable`, `vcpu`, `instrument`, in the order of the line. */
  readonly properties: readonly string[];
}

/**
 * Parses a trace-events file, or a merged trace-events-all. Lines have the form
 * `[properties] name(arguments) ["format"]`. Format strings are skipped. Any word is accepted as a
 * property.
 *
 * @throws {SyntaxError} A line is neither a declaration, a comment nor blank, its records would have
 *   too many arguments, or it has a NUL, which Postgres cannot store. The error names the line.
 * @see docs/devel/tracing.rst of QEMU 7.2; Event._CRE in scripts/tracetool/__init__.py
 */
export function parseTraceEvents(text: string): DeclaredEvent[] {
  const events: DeclaredEvent[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const content = line.trim();
    if (content.includes('\0')) throw new SyntaxError(`trace-events line ${index + 1}: has a NUL`);
    if (content === '' || content.startsWith('#')) continue;
    const open = content.indexOf('(');
    const close = content.indexOf(')', open);
    const words = content.slice(0, Math.max(0, open)).trim().split(/\s+/);
    const rest = content.slice(close + 1).trim();
    if (
      open < 0 ||
      close < 0 ||
      !words.every((word) => /^\w+$/.test(word)) ||
      !/^(?:"|$)/.test(rest)
    ) {
      throw new SyntaxError(
        `trace-events line ${index + 1}: not an event declaration: ${content.slice(0, 100)}`,
      );
    }
    const event = {
      name: words.at(-1)!,
      arguments: parseArguments(content.slice(open + 1, close), index + 1),
      properties: words.slice(0, -1),
    };
    if (recordedArguments(event).length > MAX_ARGUMENTS)
      throw new SyntaxError(`trace-events line ${index + 1}: more than ${MAX_ARGUMENTS} arguments`);
    events.push(event);
  }
  return events;
}

function parseArguments(text: string, line: number): TraceEventArgument[] {
  const parts = text.split(',').map((part) => part.trim());
  return parts
    .filter((part) => part !== 'void')
    .map((part) => {
      // The name follows the last `*`, else the last blank: `const char *name`, `uint64_t addr`.
      const cut = Math.max(part.lastIndexOf('*'), part.search(/\s\w*$/)) + 1;
      const type = part.slice(0, cut).trim();
      const name = part.slice(cut).trim();
      if (type === '' || !/^\w+$/.test(name))
        throw new SyntaxError(
          `trace-events line ${line}: not an argument: "${part.slice(0, 100)}"`,
        );
      return { type, name };
    });
}

/**
 * Returns the arguments of an event's records. The records of a `vcpu` event start with the CPU.
 * @see scripts/tracetool/vcpu.py in QEMU's source
 */
export function recordedArguments(event: DeclaredEvent): TraceEventArgument[] {
  const implicit = event.properties.includes('vcpu') ? [{ type: 'void *', name: '__cpu' }] : [];
  return [...implicit, ...event.arguments];
}
