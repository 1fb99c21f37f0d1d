// SPDX-License-Identifier: GPL-2.0-or-later
import type { FunctionCode, Instruction, TracePointCode } from '#contract/machine-code.js';
import type { ProfileFunction } from '#contract/profile.js';
import { sourcePath } from './call-graph.js';

/** A function of a disassembly. */
export interface DisassembledFunction {
  /** With the suffix of the compiler's copy, such as `.cold`. */
  readonly name: string;
  readonly instructions: readonly Disassembled[];
}

/** An instruction with the source that it comes from, innermost inlined function first. */
export interface Disassembled {
  readonly address: number;
  readonly bytes: number;
  readonly text: string;
  readonly file: string;
  readonly line: number;
  /** Names of the functions that it is inlined from, and of the function that holds them. */
  readonly functions: readonly string[];
}

/** Functions with trace points that are disassembled, of all variants together. */
const MOST_FUNCTIONS = 6;
/** Instructions of a listing; longer functions have their trace points only. */
const MOST_INSTRUCTIONS = 600;
/** Trace points of a disassembly, and instructions of all their listings. */
const MOST_POINTS = 200;
const MOST_LISTED = 10_000;

const TRACE_HEADER = /(?:^|\/)trace-[^/]+\.h$/;
const COLD = /\.cold(?:\.\d+)?$/;
const COPY = /\.(?:constprop|isra|part|lto_priv)(?:\.\d+)?/g;
const STACK_STORE = /^push|^mov\w*\s+%\w+,-?(?:0x)?[0-9a-f]*\(%rsp\)|^st[rp]\w*\s.*\[sp/;
const LEAVES = /^(?:ret|jmp|b\s|br\s)/;
const CALL = /^(?:callq?|blr?)\s/;

/** Returns the hottest functions of an emulator that hold a trace point in any profile. */
export function hotTracePoints(
  profiles: readonly { readonly functions: readonly ProfileFunction[] }[],
  emulator: string,
): string[] {
  const costs = new Map<string, number>();
  for (const { functions } of profiles)
    for (const { name, object, file, self } of functions)
      if (object === emulator && TRACE_HEADER.test(file))
        costs.set(name, (costs.get(name) ?? 0) + self);
  return [...costs]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_FUNCTIONS)
    .map(([name]) => name);
}

/** Returns the sizes of functions without their cold parts; copies of the compiler are one. */
export function functionCodes(disassembly: readonly DisassembledFunction[]): FunctionCode[] {
  const codes = new Map<string, FunctionCode>();
  for (const { name, instructions } of disassembly) {
    if (COLD.test(name)) continue;
    const plain = name.replace(COPY, '');
    const before = codes.get(plain);
    codes.set(plain, {
      name: plain,
      bytes: (before?.bytes ?? 0) + bytesOf(instructions),
      instructions: (before?.instructions ?? 0) + instructions.length,
      stackStores:
        (before?.stackStores ?? 0) +
        instructions.filter(({ text }) => STACK_STORE.test(text)).length,
    });
  }
  return [...codes.values()];
}

/**
 * Returns the trace points of these events, function by function: the first MOST_POINTS, and
 * MOST_LISTED instructions of their listings. The disassembly may be of a hostile program.
 */
export function tracePointCodes(
  disassembly: readonly DisassembledFunction[],
  events: readonly string[],
): TracePointCode[] {
  let left = MOST_LISTED;
  return disassembly
    .filter(({ name }) => !COLD.test(name))
    .flatMap((holder) => eventsIn(holder, events).map((event) => ({ holder, event })))
    .slice(0, MOST_POINTS)
    .map(({ holder, event }) => {
      const names = namesOf(event);
      const isOwn = ({ functions }: Disassembled) => functions.some((name) => names.includes(name));
      const own = holder.instructions.filter(isOwn);
      const cold = disassembly
        .filter(({ name }) => COLD.test(name) && name.replace(COLD, '') === holder.name)
        .flatMap(({ instructions }) => instructions.filter(isOwn));
      const fast = fastPath(holder.instructions, isOwn);
      const whole = holder.instructions.length <= MOST_INSTRUCTIONS;
      const listing = (whole ? holder.instructions : own).slice(0, left);
      left -= listing.length;
      return {
        event,
        function: holder.name.replace(COPY, ''),
        callback: callbackOf([...own, ...cold], event),
        instructions: fast.length,
        bytes: bytesOf(fast),
        slowBytes: bytesOf(own) + bytesOf(cold) - bytesOf(fast),
        listing: listing.map((instruction) => shown(instruction, holder, isOwn(instruction))),
      };
    });
}

/** Names of the functions of an event's trace point. */
const namesOf = (event: string): string[] => [`trace_${event}`, `_nocheck__trace_${event}`];

function eventsIn({ instructions }: DisassembledFunction, events: readonly string[]): string[] {
  const names = new Set(instructions.flatMap(({ functions }) => functions));
  return events.filter((event) => namesOf(event).some((name) => names.has(name)));
}

/** The compiler places the likely path in a row; it moves the rest behind a return or a jump. */
function fastPath(
  instructions: readonly Disassembled[],
  isOwn: (instruction: Disassembled) => boolean,
): Disassembled[] {
  const start = instructions.findIndex(isOwn);
  const length = instructions.slice(start).findIndex(({ text }) => LEAVES.test(text));
  return instructions.slice(start, length === -1 ? undefined : start + length + 1).filter(isOwn);
}

/** A callback is called by its name, or by a pointer that dynamic instrumentation sets. */
function callbackOf(own: readonly Disassembled[], event: string): TracePointCode['callback'] {
  const calls = own.filter(({ text }) => CALL.test(text));
  if (
    calls.some(
      ({ text }) => text.includes(`<qi_event_${event}`) || /^(?:callq? +\*|blr)/.test(text),
    )
  )
    return 'called';
  const inlined = own.some(
    ({ file, functions }) =>
      functions.includes(`qi_event_${event}`) || /^instrumentation\//.test(sourcePath(file)),
  );
  return inlined ? 'inlined' : 'none';
}

function shown(
  { address, bytes, text, file, line }: Disassembled,
  { instructions }: DisassembledFunction,
  own: boolean,
): Instruction {
  return {
    offset: address - instructions[0]!.address,
    bytes,
    text,
    source: file === '' ? null : `${sourcePath(file)}:${line}`,
    own,
  };
}

const bytesOf = (instructions: readonly Disassembled[]): number =>
  instructions.reduce((sum, { bytes }) => sum + bytes, 0);
