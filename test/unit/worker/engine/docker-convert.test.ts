// SPDX-License-Identifier: GPL-2.0-or-later
import { toCreateOptions } from '#worker/engine/docker-convert.js';

const ENGINE = { runtime: null, seccomp: { all: 'ALL', perf: 'PERF' } };
const spec = {
  image: 'image',
  command: ['qibench-run'],
  user: '65534:65534',
  network: 'none',
  readOnlyRoot: true,
  memoryBytes: 1,
  pids: 1,
  fileBytes: 1,
  labels: {},
} as const;

test('the input of an interactive container stays open until its first attached client leaves', () => {
  const open = { AttachStdin: true, OpenStdin: true, StdinOnce: true };

  expect(toCreateOptions({ ...spec, interactive: true }, ENGINE)).toMatchObject(open);
  expect(toCreateOptions(spec, ENGINE)).not.toHaveProperty('OpenStdin');
});

test('real-time priority is lent only on request', () => {
  const limits = (realTimePriority?: number) =>
    toCreateOptions({ ...spec, realTimePriority }, ENGINE).HostConfig!.Ulimits;

  expect(limits(20)).toContainEqual({ Name: 'rtprio', Soft: 20, Hard: 20 });
  expect(limits()).toHaveLength(3);
});

test.each([
  ['every container', {}, ENGINE, 'ALL'],
  ['a measured run with counters', { perf: true }, ENGINE, 'PERF'],
  [
    'a measured run without counters',
    { perf: true },
    { runtime: null, seccomp: { all: 'ALL', perf: null } },
    'ALL',
  ],
])('%s has a seccomp profile of qibench', (_, changes, engine, profile) => {
  expect(toCreateOptions({ ...spec, ...changes }, engine).HostConfig!.SecurityOpt).toEqual([
    'no-new-privileges:true',
    `seccomp=${profile}`,
  ]);
});

test('only a container that traces another one shares its processes and has rights', () => {
  const host = (changes: object = {}) =>
    toCreateOptions({ ...spec, ...changes }, ENGINE).HostConfig!;

  expect(host()).toMatchObject({ PidMode: '', CapAdd: [], CapDrop: ['ALL'], Mounts: [] });
  expect(host({ traces: 'id' })).toMatchObject({
    PidMode: 'container:id',
    CapAdd: ['DAC_READ_SEARCH', 'SYS_ADMIN', 'SYS_PTRACE'],
    CapDrop: ['ALL'],
    Privileged: false,
  });
});

test('a path of the host is in a container at the same place, beside its volumes', () => {
  const mounts = [{ volume: 'v', path: '/workload', readOnly: true }];

  expect(
    toCreateOptions({ ...spec, mounts, hostPaths: ['/dev/log'] }, ENGINE).HostConfig!.Mounts,
  ).toEqual([
    { Type: 'volume', Source: 'v', Target: '/workload', ReadOnly: true },
    { Type: 'bind', Source: '/dev/log', Target: '/dev/log', ReadOnly: false },
  ]);
});
