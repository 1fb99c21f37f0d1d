// Everything that CI checks: lint, then the tests in three lanes side by side, on one Docker engine. Arguments go to every jest.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { ensureDocker } from '../services/cli/embedded/dockerd.js';
import { ensureTestTrees } from './trees.js';

/** Where one waits, others compute. Nothing here is measured for its figures, so that the lanes disturb each other does not matter. */
const LANES = 3;
const E2E_PARTS = 3;

interface Part {
  /** Arguments of one jest, or of several, one after the other. */
  readonly jests: readonly (readonly string[])[];
  readonly nice: number;
  readonly trees: boolean;
}

/** A lane that has nothing to do takes the next. */
const PARTS: Part[] = [
  // Many small programs, which would keep the compilers waiting that the other lanes wait for.
  { jests: [['unit'], ['integration']], nice: 5, trees: false },
  { jests: [['conformance']], nice: 0, trees: false },
  ...Array.from({ length: E2E_PARTS }, (_, part) => ({ jests: [['e2e', `--shard=${part + 1}/${E2E_PARTS}`]], nice: 0, trees: true })),
];

async function succeeds(script: string, args: readonly string[] = [], nice = 0): Promise<boolean> {
  const [status] = (await once(spawn('nice', ['-n', String(nice), 'npm', 'run', '--silent', script, '--', ...args], { stdio: 'inherit' }), 'exit')) as [number | null];
  return status === 0;
}

let failed = !(await succeeds('lint'));
if (!failed) {
  const stopDocker = await ensureDocker(tmpdir());
  let trees: Promise<void> | null = null;
  await Promise.all(Array.from({ length: LANES }, async () => {
    // What fails in one lane keeps the others from beginning something new.
    for (let part = PARTS.shift(); part !== undefined && !failed; part = PARTS.shift()) {
      if (part.trees) await (trees ??= ensureTestTrees(process.cwd()));
      for (const args of part.jests) if (!failed) failed = !(await succeeds('jest', ['--selectProjects', ...args, ...process.argv.slice(2)], part.nice)) || failed;
    }
  }));
  await stopDocker();
}
process.exit(failed ? 1 : 0);
