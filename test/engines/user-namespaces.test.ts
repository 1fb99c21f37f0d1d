// SPDX-License-Identifier: GPL-2.0-or-later
import Docker from 'dockerode';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureRunner } from '#worker/build/images.js';
import { readVersions } from '#worker/build/versions.js';
import { backendWithRuntime } from '#worker/engine/runtime.js';
import type { ContainerSpec, Engine } from '#worker/engine/engine.js';
import { RUN_PATHS } from '#worker/measure/command.js';
import { createOutputVolume } from '#worker/measure/output-volume.js';
import { OwnDocker } from '../chaos/own-docker.js';
import { confined, outputOf } from '#support/confined.js';
import { testContext, testEngine } from '#support/context.js';

/** Docker with `userns-remap`: an engine of its own, with an image of the machine's engine. */

const FIRST_ID = 231_072;
/** Gives the daemon files of subordinate ids of its own, without a change of the machine's. */
const REMAPPED =
  'mount --bind "$0" /etc/subuid && mount --bind "$0" /etc/subgid && ' +
  'exec "$@" --userns-remap=daemon:daemon';
/** Number that lanes of chaos, which count from 0, reach last. */
const BRIDGE = 15;
const labels = { 'qibench.test': `userns-${process.pid}` };
const folder = mkdtempSync(join(tmpdir(), 'qibench-userns-'));
let engine: OwnDocker | undefined;
let docker: Docker;
let backend: Engine;
let image: string;

beforeAll(async () => {
  const machine = testContext(process.cwd(), labels);
  image = (await ensureRunner(machine, (await readVersions(process.cwd()))['7.2']!)).tag;
  chmodSync(folder, 0o755); // the remapped root must reach the images
  const ids = join(folder, 'ids');
  writeFileSync(ids, `daemon:${FIRST_ID}:65536\n`);
  engine = new OwnDocker(folder, BRIDGE, [
    ...['setpriv', '--pdeathsig', 'TERM'], // an interrupted test leaves no daemon behind
    ...['unshare', '--mount', '--propagation', 'slave'],
    ...['sh', '-c', REMAPPED, ids],
  ]);
  await engine.start();
  engine.copyImages([image]);
  docker = new Docker({ socketPath: join(folder, 'docker.sock') });
  backend = await backendWithRuntime(null, testEngine().seccomp, docker);
}, 300_000);
afterAll(async () => {
  await engine?.remove();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Returns the lines that a script prints. */
async function linesOf(script: string, changes: Partial<ContainerSpec> = {}): Promise<string[]> {
  const spec = confined({ image, labels, command: ['sh', '-c', script], ...changes });
  return (await outputOf(backend, spec)).replaceAll('\t', ' ').trimEnd().split('\n');
}

test('the root of a container is a user of the host who owns nothing', async () => {
  const id = await backend.create(
    confined({ image, labels, command: ['sleep', '60'], user: '0:0', interactive: true }),
  );
  try {
    await backend.open(id, () => undefined);
    const { State: state } = await docker.getContainer(id).inspect();
    const status = readFileSync(`/proc/${state.Pid}/status`, 'utf8');

    expect(/^Uid:\t(\d+)/m.exec(status)?.[1]).toBe(String(FIRST_ID));
  } finally {
    await backend.remove(id);
  }
});

test('a container has the limits and the seccomp profile of any engine', async () => {
  expect(
    await linesOf(
      'grep -E "^(CapBnd|NoNewPrivs|Seccomp):" /proc/self/status; ulimit -n; ' +
        'touch /x 2>/dev/null || echo read-only; unshare -U true 2>/dev/null || echo refused',
    ),
  ).toEqual([
    'CapBnd: 0000000000000000',
    'NoNewPrivs: 1',
    'Seccomp: 2',
    '4096',
    'read-only',
    'refused',
  ]);
});

test('a trace volume belongs to the root of its container, and its file to the run', async () => {
  const context = { ...testContext(process.cwd(), labels), backend };
  const volume = await createOutputVolume(context, image, [RUN_PATHS.trace]);
  try {
    const mounts = [{ volume, path: RUN_PATHS.output, readOnly: false }];
    const script =
      'touch /output/x 2>/dev/null; echo x > /output/trace; stat -c "%n %u %s" /output/*; ' +
      'stat -c "%n %u" /output';

    expect(await linesOf(script, { mounts })).toEqual(['/output/trace 65534 2', '/output 0']);
  } finally {
    await backend.removeVolume(volume);
  }
});
