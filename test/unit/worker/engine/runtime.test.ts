// SPDX-License-Identifier: GPL-2.0-or-later
import type Docker from 'dockerode';
import { backendWithRuntime } from '#worker/engine/runtime.js';

/** Answer of Docker 20.10 as root, without the fields that the worker does not read. */
const ABLE = {
  Runtimes: { runc: {} },
  MemoryLimit: true,
  PidsLimit: true,
  CPUSet: true,
  SecurityOptions: ['name=seccomp,profile=default'],
};
const open = (changes: object, runtime: string | null = null) =>
  backendWithRuntime(runtime, { all: '{}', perf: null }, {
    info: () => Promise.resolve({ ...ABLE, ...changes }),
  } as unknown as Docker);

test('an engine that can limit containers is accepted', async () => {
  await expect(open({})).resolves.toBeDefined();
});

test.each([
  [
    'rootless Docker without control groups',
    { MemoryLimit: false, PidsLimit: false, CPUSet: false },
    'a limit of memory, a limit of processes, pinning to CPUs',
  ],
  ['rootless Docker without the controller of CPUs', { CPUSet: false }, 'pinning to CPUs'],
  ['a kernel without seccomp', { SecurityOptions: ['name=userns'] }, 'a seccomp profile'],
])('%s is refused, with all that it lacks', async (_, changes, lacks) => {
  await expect(open(changes)).rejects.toMatchObject({
    code: 'BAD_SETTING',
    message: `DOCKER_HOST: this engine cannot give containers ${lacks}`,
  });
});

test('Podman is refused by name', async () => {
  await expect(open({ BuildahVersion: '1.28.2' })).rejects.toMatchObject({
    code: 'BAD_SETTING',
    message: expect.stringContaining('DOCKER_HOST: Podman is not supported') as string,
  });
});

test('a runtime that the engine does not know is refused', async () => {
  await expect(open({}, 'runsk')).rejects.toMatchObject({
    message: 'QIBENCH_RUNTIME: Docker does not know the runtime "runsk", only runc',
  });
});
