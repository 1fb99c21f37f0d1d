// SPDX-License-Identifier: GPL-2.0-or-later
// Tries inputs in a thread; shared memory shows the watcher the current input and its start.
import { parentPort, workerData } from 'node:worker_threads';
import { readCorpus } from './corpus.js';
import { Finding, session } from './session.js';
import { TARGETS } from './targets.js';

export interface ThreadData {
  readonly target: string;
  readonly seed: number;
  readonly inputs: number;
  /** Number of started inputs, and byte length of the current one. */
  readonly state: Int32Array;
  readonly current: Uint8Array;
}

export type ThreadMessage =
  | {
      readonly type: 'done';
      readonly outcomes: ReadonlyMap<string, number>;
      readonly firsts: readonly Uint8Array[];
    }
  | { readonly type: 'finding'; readonly reason: string; readonly input: Uint8Array };

const { target: name, seed, inputs, state, current } = workerData as ThreadData;
const target = TARGETS.find((candidate) => candidate.name === name)!;
const corpus = readCorpus(name).map(({ input }) => input);
const fuzzing = session(target, corpus, seed, (input) => {
  current.set(input);
  Atomics.store(state, 1, input.length);
  Atomics.add(state, 0, 1);
});
try {
  for (let done = 0; done < inputs; done += 1) {
    const step = fuzzing.step();
    if (step !== undefined) await step;
  }
  parentPort!.postMessage({
    type: 'done',
    outcomes: fuzzing.outcomes,
    firsts: fuzzing.firsts,
  } satisfies ThreadMessage);
} catch (error) {
  if (!(error instanceof Finding)) throw error;
  parentPort!.postMessage({
    type: 'finding',
    reason: (error.cause as Error).stack ?? error.message,
    input: error.input,
  } satisfies ThreadMessage);
}
