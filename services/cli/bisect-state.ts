import { readFile, rename, writeFile } from 'node:fs/promises';
import { BisectState } from '../contract/bisect.js';

type Trial = BisectState['trials'][number];

/** The comparisons that a bisection has made or begun. */
export interface Trials {
  find(candidate: number, attempt: number): Trial | undefined;
  /** On disk when it resolves: a crash loses nothing. */
  record(trial: Trial): Promise<void>;
}

/** The trials kept in a file, if they are of the same inputs; else none, and the file is written anew. */
export async function openTrials(file: string, inputs: string): Promise<Trials> {
  const stored = BisectState.safeParse(parsed(await readFile(file, 'utf8').catch(() => 'null')));
  let trials: Trial[] = stored.success && stored.data.inputs === inputs ? stored.data.trials : [];
  return {
    find: (candidate, attempt) => trials.find((trial) => trial.candidate === candidate && trial.attempt === attempt),
    async record(trial) {
      trials = [...trials.filter(({ candidate, attempt }) => candidate !== trial.candidate || attempt !== trial.attempt), trial];
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
