import { MAX_ARGUMENTS } from '../../../services/domain/trace/argument-type.js';
import type { TraceEventArgument } from '../../../services/contract/qemu.js';

/** One line of a trace-events file. */
export interface DeclaredEvent {
  readonly name: string;
  readonly arguments: readonly TraceEventArgument[];
  /** For example `disable`, `vcpu`, `instrument`, in the order of the line. */
  readonly properties: readonly string[];
}

/**
 * The events that a trace-events file declares (docs/devel/tracing.rst of QEMU 7.2), also of a merged
 * trace-events-all: lines `[properties] name(arguments) ["format"]`, as Event._CRE of scripts/tracetool/__init__.py.
 * Format strings are skipped. Any word is accepted as a property.
 *
 * @throws SyntaxError that names the line, if one is neither a declaration, a comment nor blank
 */
export function parseTraceEvents(text: string): DeclaredEvent[] {
  const events: DeclaredEvent[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const content = line.trim();
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
        `trace-events line ${index + 1}: no event declaration: ${content.slice(0, 100)}`,
      );
    }
    events.push({
      name: words.at(-1)!,
      arguments: parseArguments(content.slice(open + 1, close), index + 1),
      properties: words.slice(0, -1),
    });
  }
  return events;
}

function parseArguments(text: string, line: number): TraceEventArgument[] {
  const parts = text.split(',').map((part) => part.trim());
  const declared = parts
    .filter((part) => part !== 'void')
    .map((part) => {
      // After the last `*`, or else the last blank: `const char *name`, `uint64_t addr`.
      const cut = Math.max(part.lastIndexOf('*'), part.search(/\s\w*$/)) + 1;
      const type = part.slice(0, cut).trim();
      const name = part.slice(cut).trim();
      if (type === '' || !/^\w+$/.test(name))
        throw new SyntaxError(`trace-events line ${line}: no argument: "${part.slice(0, 100)}"`);
      return { type, name };
    });
  if (declared.length > MAX_ARGUMENTS)
    throw new SyntaxError(`trace-events line ${line}: more than ${MAX_ARGUMENTS} arguments`);
  return declared;
}

/** The arguments that a record has: a `vcpu` event's start with the CPU (scripts/tracetool/vcpu.py). */
export function recordedArguments(event: DeclaredEvent): TraceEventArgument[] {
  const implicit = event.properties.includes('vcpu') ? [{ type: 'void *', name: '__cpu' }] : [];
  return [...implicit, ...event.arguments];
}
