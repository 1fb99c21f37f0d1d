// SPDX-License-Identifier: GPL-2.0-or-later
import type { Disassembled, DisassembledFunction } from '#domain/profile/trace-point-code.js';

const FUNCTION = /^[0-9a-f]{4,16} <([^>]{1,512})>:$/;
const INSTRUCTION = /^ *([0-9a-f]{1,13}):\t((?:[0-9a-f]{2} ?)+) *\t(.{1,400})$/;
/** aarch64: an instruction is one word. */
const WORD_INSTRUCTION = /^ *([0-9a-f]{1,13}):\t([0-9a-f]{8}) *\t(.{1,400})$/;
const INNERMOST = /^([\w.]{1,512})\(\):$/;
const LINE = /^(\S{1,256}):(\d{1,9})(?: \(discriminator \d+\))?$/;
const OUTER = /^ *inlined by (\S{1,256}):(\d{1,9}) ?(?:\(discriminator \d+\) )?\(([\w.]{1,512})\)$/;

/** Instructions of a disassembly, at most. */
const MOST_INSTRUCTIONS = 100_000;
/** Functions that an instruction is inlined through, at most; further callers are left out. */
const MOST_CALLERS = 64;

/**
 * Reads the output of `objdump -w -d -l --inlines` for some functions. Lines that it does not know
 * are skipped: file names and functions come from uploaded code.
 */
export function parseObjdump(text: string): DisassembledFunction[] {
  const functions: { name: string; instructions: Disassembled[] }[] = [];
  let [file, line] = ['', 0];
  let names: readonly string[] = [];
  let read = 0;
  /** The last row was an instruction: callers that follow are of the next one. */
  let repeats = false;
  for (const row of text.split('\n')) {
    const start = FUNCTION.exec(row)?.[1];
    if (start !== undefined) {
      functions.push({ name: start, instructions: [] });
      [file, line, names] = ['', 0, [start]];
      continue;
    }
    const innermost = INNERMOST.exec(row)?.[1];
    if (innermost !== undefined) {
      names = [innermost];
      continue;
    }
    const outer = OUTER.exec(row);
    if (outer !== null) {
      names = [...(repeats ? names.slice(0, 1) : names.slice(0, MOST_CALLERS)), outer[3]!];
      repeats = false;
      continue;
    }
    const [, address, code, instruction] =
      WORD_INSTRUCTION.exec(row) ?? INSTRUCTION.exec(row) ?? [];
    if (address !== undefined) {
      repeats = true;
      if (functions.length === 0 || (read += 1) > MOST_INSTRUCTIONS) continue;
      functions.at(-1)!.instructions.push({
        address: Number.parseInt(address, 16),
        bytes: code!.replaceAll(' ', '').length / 2,
        text: instruction!.replace(/\s+/g, ' ').trim(),
        file,
        line,
        functions: names,
      });
      continue;
    }
    const place = LINE.exec(row);
    // A new line of the same innermost function keeps its name, but not its callers.
    if (place === null) continue;
    [file, line, names] = [place[1]!, Number(place[2]), names.slice(0, 1)];
    repeats = false;
  }
  return functions.filter(({ instructions }) => instructions.length > 0);
}
