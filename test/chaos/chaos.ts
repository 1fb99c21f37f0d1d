// SPDX-License-Identifier: GPL-2.0-or-later
// Injects faults into the real service, by seed: npm run chaos -- --rounds N --seed S [--lanes L]
// [--docker] [--log FILE]
// Checks that the suite finds planted mistakes: npm run chaos -- --planted [--mistake
// PART-OF-ITS-NAME]
import { appendFileSync } from 'node:fs';
import { programOptions } from '#support/program-options.js';
import { copyOfMachine } from './images.js';
import { findPlanted } from './planted.js';
import { outcomeTable } from './table.js';
import { runRound, type Outcome } from './round.js';
import { startStack, type Stack } from './stack.js';

const { values } = programOptions(
  'npm run chaos -- [--rounds N] [--seed S] [--lanes L] [--docker] [--log FILE], or ' +
    'npm run chaos -- --planted [--mistake PART-OF-ITS-NAME]',
  {
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    lanes: { type: 'string', default: '1' },
    docker: { type: 'boolean', default: false },
    log: { type: 'string' },
    planted: { type: 'boolean', default: false },
    mistake: { type: 'string', default: '' },
  },
);
const rootDir = process.cwd();
const startedMs = performance.now();
let stopping = false;
process.once('SIGINT', () => (stopping = true));
process.once('SIGTERM', () => (stopping = true));

if (values.planted)
  process.exit((await findPlanted(rootDir, values.mistake, () => stopping)) ? 0 : 1);

const outcomes: Outcome[] = [];
const seeds = Array.from(
  { length: Number(values.rounds) },
  (_, round) => Number(values.seed) + round,
);
await Promise.all(Array.from({ length: Number(values.lanes) }, (_, lane) => runLane(lane)));
console.log(outcomeTable(outcomes));
console.log(`${Math.round((performance.now() - startedMs) / 1000)} s in total.`);
process.exit(outcomes.every(({ broken }) => broken.length === 0) ? 0 : 1);

/** Starts a service that takes one round after the other. */
async function runLane(lane: number): Promise<void> {
  const stack = await startStack(rootDir, values.docker ? lane : null);
  let broken = false;
  try {
    console.log(`lane ${lane}: service folder ${stack.folder}`);
    if (stack.ownDocker !== null) await copyOfMachine(stack.ownDocker, rootDir);
    for (let seed = seeds.shift(); seed !== undefined && !stopping; seed = seeds.shift())
      broken = show(await runRound(stack, rootDir, seed), lane) || broken;
  } finally {
    await end(stack, broken);
  }
}

/** Prints an outcome. Returns true if it broke an invariant. */
function show(outcome: Outcome, lane: number): boolean {
  outcomes.push(outcome);
  const faults = outcome.strikes
    .map(
      ({ fault, step, block }, index) =>
        `${fault} @ ` +
        `${step}${step === 'running' ? ` block ${block}` : ''}${outcome.struck[index] ? '' : ' (missed)'}`,
    )
    .join(', ');
  console.log(
    `${new Date().toISOString().slice(11, 19)} lane ${lane}, seed ${outcome.seed}, ` +
      `${outcome.seconds.toFixed(0)} s: ${outcome.kinds.join('+')}; ${faults}: ` +
      `${outcome.broken.length === 0 ? 'ok' : ''}`,
  );
  for (const sentence of outcome.broken) console.log(`    ${sentence}`);
  if (values.log !== undefined) appendFileSync(values.log, `${JSON.stringify(outcome)}\n`);
  return outcome.broken.length > 0;
}

async function end(stack: Stack, broken: boolean): Promise<void> {
  if (broken && process.env.QIBENCH_CHAOS_KEEP === '1')
    console.log(`folder left for inspection: ${stack.folder}`);
  else await stack.stop();
}
