import { readFile, rename, writeFile } from 'node:fs/promises';
import { BisectState, type BisectTrial } from '../contract/bisect.js';

/** The comparisons that a bisection has made or begun. */
export interface Trials {
  /** In the order in which they were made. */
  all(): readonly BisectTrial[];
  find(candidate: number, attempt: number): BisectTrial | undefined;
  /** On disk when it resolves: a crash loses nothing. */
  record(trial: BisectTrial): Promise<void>;
}

/** The trials kept in a file, if they are of the same inputs; else none, and the file is written anew. */
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
