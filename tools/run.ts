// SPDX-License-Identifier: GPL-2.0-or-later
// Everything that CI checks: lint, then three lanes side by side, on one Docker engine. Leading
// arguments may name what to run: lint, unit, integration, conformance, e2e. The rest goes to jest.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { ensureDocker } from '#cli/embedded/dockerd.js';
import { readCommandSettings } from '#cli/settings.js';

/** Projects that run one after the other. Lanes run side by side: they may disturb each other, as no test measures. */
const LANES = [
  // Many small programs: at a lower priority they leave the CPUs to the compilers of the other lanes.
  { projects: ['unit', 'integration'], nice: 5 },
  { projects: ['conformance'], nice: 0 },
  { projects: ['e2e'], nice: 0 },
];

const NAMES = ['lint', ...LANES.flatMap(({ projects }) => projects)];
const words = process.argv.slice(2);
const first = words.findIndex((word) => !NAMES.includes(word));
const count = first === -1 ? words.length : first;
const chosen = new Set(count === 0 ? NAMES : words.slice(0, count));
const jestArguments = words.slice(count);

async function succeeds(script: string, args: readonly string[] = [], nice = 0): Promise<boolean> {
  const [status] = (await once(
    spawn('nice', ['-n', String(nice), 'npm', 'run', '--silent', script, '--', ...args], {
      stdio: 'inherit',
    }),
    'exit',
  )) as [number | null];
  return status === 0;
}

const lanes = LANES.map(({ projects, nice }) => ({
  projects: projects.filter((project) => chosen.has(project)),
  nice,
})).filter(({ projects }) => projects.length > 0);
let failed = chosen.has('lint') && !(await succeeds('lint'));
if (!failed && lanes.length > 0) {
  const stopDocker = await ensureDocker(tmpdir(), readCommandSettings(process.env));
  await Promise.all(
    lanes.map(async ({ projects, nice }) => {
      // After a failure in one lane, the others start no further project.
      for (const project of projects)
        if (!failed)
          failed =
            !(await succeeds('jest', ['--selectProjects', project, ...jestArguments], nice)) ||
            failed;
    }),
  );
  await stopDocker();
}
process.exit(failed ? 1 : 0);
