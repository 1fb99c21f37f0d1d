// SPDX-License-Identifier: GPL-2.0-or-later
import { projectLines } from '#cli/commands/project.js';
import type { ProjectQuota } from '#contract/project-use.js';

const MIB = 1024 ** 2;
const quota = {
  resultBytes: 4_096 * MIB,
  importBytes: 256 * MIB,
  uploadBytes: 128 * MIB,
  workloadBytes: 4096 * MIB,
  points: 5_000_000,
} as ProjectQuota;
const use = {
  jobs: 12,
  resultBytes: 1.5 * MIB,
  imports: 3,
  importBytes: 0,
  uploadBytes: 0.25 * MIB,
  workloadBytes: 96 * MIB,
  traceBytes: 10 * MIB,
  points: 1_200,
  countedAt: '2026-01-01T00:00:00.000Z',
};

test('a project shows what it stores beside its quotas', () => {
  const projects = [
    { name: 'qemu', branches: [], use },
    { name: 'new', branches: [], use: null },
  ];

  expect(projectLines({ projects, withoutProject: null, quota })).toEqual([
    'qemu  12 jobs, 1.5 MiB of 4096.0 MiB  3 imports, 0.0 MiB of 256.0 MiB  ' +
      'uploads 0.3 MiB of 128.0 MiB  workloads 96.0 MiB of 4096.0 MiB  traces 10.0 MiB  ' +
      '1200 of 5000000 points',
    'new  not counted yet',
  ]);
});

test('jobs without a project have a line, without the quotas that bind projects', () => {
  expect(projectLines({ projects: [], withoutProject: use, quota })).toEqual([
    '(no project)  12 jobs, 1.5 MiB  traces 10.0 MiB',
  ]);
});
