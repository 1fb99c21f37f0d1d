// Everything that CI checks: lint, then three lanes side by side, on one Docker engine. Arguments go to every jest.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { ensureDocker } from '../services/cli/embedded/dockerd.js';

/** Where one waits, others compute. Nothing here is measured for its figures, so that the lanes disturb each other does not matter. */
const LANES = [
  // Many small programs, which would keep the compilers waiting that the other lanes wait for.
  { projects: ['unit', 'integration'], nice: 5 },
  { projects: ['conformance'], nice: 0 },
  { projects: ['e2e'], nice: 0 },
];

async function succeeds(script: string, args: readonly string[] = [], nice = 0): Promise<boolean> {
  const [status] = (await once(
    spawn('nice', ['-n', String(nice), 'npm', 'run', '--silent', script, '--', ...args], {
      stdio: 'inherit',
    }),
    'exit',
  )) as [number | null];
  return status === 0;
}

let failed = !(await succeeds('lint'));
if (!failed) {
  const stopDocker = await ensureDocker(tmpdir());
  await Promise.all(
    LANES.map(async ({ projects, nice }) => {
      // What fails in one lane keeps the others from beginning something new.
      for (const project of projects)
        if (!failed)
          failed =
            !(await succeeds(
              'jest',
              ['--selectProjects', project, ...process.argv.slice(2)],
              nice,
            )) || failed;
    }),
  );
  await stopDocker();
}
process.exit(failed ? 1 : 0);
