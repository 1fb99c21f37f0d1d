// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile, rename, writeFile } from 'node:fs/promises';
import { BisectState, type BisectTrial } from '#contract/bisect.js';

/** Comparisons that a bisection has started or finished. */
export interface Trials {
  /** Returns the trials in the order in which they were recorded. */
  all(): readonly BisectTrial[];
  find(candidate: number, attempt: number): BisectTrial | undefined;
  /** Stores a trial. It is on disk when the promise resolves, and survives a crash. */
  record(trial: BisectTrial): Promise<void>;
}

/** Opens the trials in a file. Starts with an empty list if the file is of other inputs. */
export async function openTrials(file: string, inputs: string): Promise<Trials> {
  const stored = BisectState.safeParse(parsed(await readFile(file, 'utf8').catch(() => 'null')));
  let trials: BisectTrial[] =
    stored.success && stored.data.inputs === inputs ? stored.data.trials : [];
  return {
    all: () => trials,
    find: (candidate, attempt) =>
      trials.find((trial) => trial.candidate === candidate && trial.attempt === attempt),
    async record(trial) {
      trials = [
        ...trials.filter(
          ({ candidate, attempt }) => candidate !== trial.candidate || attempt !== trial.attempt,
        ),
        trial,
      ];
      const state: BisectState = { schema: 'qibench.bisect/1', inputs, trials };
      await writeFile(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`);
      await rename(`${file}.new`, file);
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
