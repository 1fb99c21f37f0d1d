// Runs all checks of CI: lint, then three lanes in parallel on one Docker engine. Passes its
// arguments to every jest.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { ensureDocker } from '#cli/embedded/dockerd.js';

/**
 * While one lane waits, others compute. No test measures for its figures, so that lanes may disturb
 * each other.
 */
const LANES = [
  // Many small programs, at lower priority to leave the CPU to the compilers of the other lanes.
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
      // A failure in one lane stops the others before their next project.
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
