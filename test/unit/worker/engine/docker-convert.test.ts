// SPDX-License-Identifier: GPL-2.0-or-later
import { toCreateOptions, DEFAULT_ENGINE } from '#worker/engine/docker-convert.js';

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

  expect(toCreateOptions({ ...spec, interactive: true }, DEFAULT_ENGINE)).toMatchObject(open);
  expect(toCreateOptions(spec, DEFAULT_ENGINE)).not.toHaveProperty('OpenStdin');
});

test('real-time priority is lent only on request', () => {
  const limits = (realTimePriority?: number) =>
    toCreateOptions({ ...spec, realTimePriority }, DEFAULT_ENGINE).HostConfig!.Ulimits;

  expect(limits(20)).toContainEqual({ Name: 'rtprio', Soft: 20, Hard: 20 });
  expect(limits()).toHaveLength(3);
});
