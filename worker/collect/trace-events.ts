import { MAX_ARGUMENTS } from '../../services/domain/trace-batch.js';
import type { TraceEventArgument } from '../../services/contract/qemu.js';

/** One line of a trace-events file. */
export interface DeclaredEvent {
  readonly name: string;
  readonly arguments: readonly TraceEventArgument[];
  /** For example `disable`, `vcpu`, `instrument`, in the order of the line. */
  readonly properties: readonly string[];
}

/** `[properties] name(arguments) ["format"]`, as Event._CRE of scripts/tracetool/__init__.py. */
const DECLARATION = /^\s*(?:([\w\s]+)\s)?\s*(\w+)\(([^)]*)\)\s*(?:".*)?$/;

/**
 * The events that a trace-events file declares (docs/devel/tracing.rst of QEMU 7.2), also of a merged
 * trace-events-all. Format strings are skipped. Any word is accepted as a property.
 *
 * @throws SyntaxError that names the line, if one is neither a declaration, a comment nor blank
 */
export function parseTraceEvents(text: string): DeclaredEvent[] {
  const events: DeclaredEvent[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const content = line.trim();
    if (content === '' || content.startsWith('#')) continue;
    const match = content.length > MAX_LINE ? null : DECLARATION.exec(content);
    if (match === null) throw new SyntaxError(`trace-events line ${index + 1}: no event declaration: ${content.slice(0, 100)}`);
    events.push({
      name: match[2]!,
      arguments: parseArguments(match[3]!, index + 1),
      properties: match[1]?.split(/\s+/).filter((word) => word !== '') ?? [],
    });
  }
  return events;
}

/** Longer than any declaration; bounds the time that a line can take. */
const MAX_LINE = 4096;

function parseArguments(text: string, line: number): TraceEventArgument[] {
  const parts = text.split(',').map((part) => part.trim());
  const declared = parts.filter((part) => part !== 'void').map((part) => {
    // After the last `*`, or else the last blank: `const char *name`, `uint64_t addr`.
    const match = /^(.*\*)\s*(\w+)$/s.exec(part) ?? /^(.*\S)\s+(\w+)$/s.exec(part);
    if (match === null) throw new SyntaxError(`trace-events line ${line}: no argument: "${part.slice(0, 100)}"`);
    return { type: match[1]!.trim(), name: match[2]! };
  });
  if (declared.length > MAX_ARGUMENTS) throw new SyntaxError(`trace-events line ${line}: more than ${MAX_ARGUMENTS} arguments`);
  return declared;
}

/** The arguments that a record has: a `vcpu` event's start with the CPU (scripts/tracetool/vcpu.py). */
export function recordedArguments(event: DeclaredEvent): TraceEventArgument[] {
  const implicit = event.properties.includes('vcpu') ? [{ type: 'void *', name: '__cpu' }] : [];
  return [...implicit, ...event.arguments];
}
