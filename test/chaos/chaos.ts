// Faults on the real service, by seed: npm run chaos -- --rounds N --seed S [--docker INDEX] [--log FILE]
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { copyOfMachine } from './images.js';
import { outcomeTable } from './table.js';
import { runRound, type Outcome } from './round.js';
import { startStack } from './stack.js';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' }, docker: { type: 'string' }, log: { type: 'string' } } });
const rootDir = process.cwd();
const stack = await startStack(rootDir, values.docker === undefined ? null : Number(values.docker));
const outcomes: Outcome[] = [];
let stopping = false;
process.once('SIGINT', () => (stopping = true));
process.once('SIGTERM', () => (stopping = true));
try {
  console.log(`the service is in ${stack.folder}`);
  if (stack.ownDocker !== null) await copyOfMachine(stack.ownDocker, rootDir);
  for (let round = 0; round < Number(values.rounds) && !stopping; round += 1) {
    const outcome = await runRound(stack, rootDir, Number(values.seed) + round);
    outcomes.push(outcome);
    const faults = outcome.strikes.map(({ fault, step, block }, index) => `${fault} @ ${step}${step === 'running' ? ` block ${block}` : ''}${outcome.struck[index] ? '' : ' (missed)'}`).join(', ');
    console.log(`${new Date().toISOString().slice(11, 19)} seed ${outcome.seed}, ${outcome.seconds.toFixed(0)} s: ${outcome.kinds.join('+')}; ${faults}: ${outcome.broken.length === 0 ? 'ok' : ''}`);
    for (const sentence of outcome.broken) console.log(`    ${sentence}`);
    if (values.log !== undefined) appendFileSync(values.log, `${JSON.stringify(outcome)}\n`);
  }
} finally {
  console.log(outcomeTable(outcomes));
  if (outcomes.some(({ broken }) => broken.length > 0) && process.env.QIBENCH_CHAOS_KEEP === '1') console.log(`kept: ${stack.folder}`);
  else await stack.stop();
}
process.exit(outcomes.every(({ broken }) => broken.length === 0) ? 0 : 1);
