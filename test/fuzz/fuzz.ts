// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzzes parsers of hostile bytes:
//   npm run fuzz -- TARGET… | all  --inputs N --seed S [--keep]
// Prints a row of docs/fuzzing.md per target. A finding is written to test/fuzz/corpus/TARGET/,
// where every unit test run replays it, and the exit status is 1. --keep adds short inputs that
// were the first with their outcome.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { programOptions } from '#support/program-options.js';
import { INPUT_LIMIT_BYTES } from './mutate.js';
import { TARGETS } from './targets.js';
import type { ThreadData, ThreadMessage } from './thread.js';

/** Limit of CPU time per input; wall time would depend on the machine's other load. */
const INPUT_LIMIT_MS = 1_000;
const HEAP_LIMIT_MIB = 512;
const KEPT_INPUTS = 24;
const KEPT_BYTES = 2_048;

const save = (target: string, kind: string, input: Uint8Array): string => {
  const path = join(
    'test/fuzz/corpus',
    target,
    `${kind}-${createHash('sha256').update(input).digest('hex').slice(0, 12)}`,
  );
  writeFileSync(path, input);
  return path;
};

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/**
 * Fuzzes one target in its own thread, with limits of time per input and of memory. Returns the
 * finding, if any.
 */
function fuzz(
  target: string,
  options: { inputs: number; seed: number; keep: boolean },
): Promise<string | null> {
  const state = new Int32Array(new SharedArrayBuffer(8));
  const current = new Uint8Array(new SharedArrayBuffer(INPUT_LIMIT_BYTES));
  const workerData: ThreadData = {
    target,
    seed: options.seed,
    inputs: options.inputs,
    state,
    current,
  };
  const thread = new Worker(new URL('./thread.js', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_MIB },
  });
  const startedMs = performance.now();
  let begun = 0;
  let sinceMs = cpuMs();
  let longestMs = 0;
  return new Promise((resolve) => {
    let finding: string | null = null;
    const found = (reason: string, input: Uint8Array = current.slice(0, state[1])): void => {
      finding ??= `${target}: input ${state[0]}: ${reason}\n  saved as ${save(target, 'found', input)}`;
      void thread.terminate();
    };
    const watch = setInterval(() => {
      const nowMs = cpuMs();
      if (state[0] !== begun) [begun, sinceMs] = [state[0]!, nowMs];
      else if (begun > 0) longestMs = Math.max(longestMs, nowMs - sinceMs);
      if (begun > 0 && nowMs - sinceMs > INPUT_LIMIT_MS)
        found(`took more than ${INPUT_LIMIT_MS} ms of CPU`);
    }, 50);
    let done = false;
    thread.on('message', (message: ThreadMessage) => {
      if (message.type === 'finding') return found(message.reason, message.input);
      done = true;
      const seconds = (performance.now() - startedMs) / 1000;
      console.log(
        `| \`${target}\` | ${options.inputs} | ${seconds.toFixed(0)} | ` +
          `${message.outcomes.size} | ` +
          `${longestMs < INPUT_LIMIT_MS / 10 ? 'no' : `${longestMs.toFixed(0)} ms`} |`,
      );
      if (options.keep)
        for (const input of message.firsts
          .filter(({ length }) => length <= KEPT_BYTES)
          .slice(0, KEPT_INPUTS))
          save(target, 'kept', input);
    });
    // For example out of memory.
    thread.on('error', (error) => found(`the thread ended: ${error.message}`));
    thread.on('exit', () => {
      clearInterval(watch);
      if (!done && finding === null) found('the parser never ended');
      resolve(finding);
    });
  });
}

const usage =
  'npm run fuzz -- TARGET… | all [--inputs N] [--seed S] [--keep]; targets: ' +
  TARGETS.map(({ name }) => name).join(', ');
const { values, positionals } = programOptions(
  usage,
  {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
  true,
);
const wanted = positionals.includes('all') ? TARGETS.map(({ name }) => name) : positionals;
const unknown = wanted.find((name) => !TARGETS.some((target) => target.name === name));
if (wanted.length === 0 || unknown !== undefined) {
  console.error(`usage: ${usage}`);
  process.exit(2);
}
for (const target of wanted) {
  const finding = await fuzz(target, {
    inputs: Number(values.inputs),
    seed: Number(values.seed),
    keep: values.keep,
  });
  if (finding === null) continue;
  console.error(finding);
  process.exitCode = 1;
}
