// SPDX-License-Identifier: GPL-2.0-or-later
import type { Command } from 'commander';
import { printable } from '#client/printable.js';
import type { Project, ProjectList } from '#contract/history.js';
import type { ProjectQuota } from '#contract/project-use.js';
import type { Context } from '../context.js';

/** Adds the command `project list`. */
export function projectCommands(program: Command, { client, print }: Context): void {
  program
    .command('project')
    .description('projects, with what they store')
    .command('list')
    .description('list the projects, with what they store and their quotas')
    .action(async () => {
      const list = await client().get<ProjectList>('/v1/projects');
      print(list, () => projectLines(list).join('\n'));
    });
}

/** Formats a line per project, and one for the jobs without a project. */
export function projectLines({ projects, withoutProject: use, quota }: ProjectList): string[] {
  return [
    ...projects.map((project) => projectLine(project, quota)),
    ...(use === null
      ? []
      : [
          `(no project)  ${use.jobs} jobs, ${megabytes(use.resultBytes)}  ` +
            `traces ${megabytes(use.traceBytes)}`,
        ]),
  ];
}

/** Formats a project as a line: each use, with the quota if there is one. */
function projectLine({ name, use }: Project, quota: ProjectQuota): string {
  if (use === null) return `${printable(name)}  not counted yet`;
  return [
    printable(name),
    `${use.jobs} jobs, ${megabytes(use.resultBytes)} of ${megabytes(quota.resultBytes)}`,
    `${use.imports} imports, ${megabytes(use.importBytes)} of ${megabytes(quota.importBytes)}`,
    `uploads ${megabytes(use.uploadBytes)} of ${megabytes(quota.uploadBytes)}`,
    `workloads ${megabytes(use.workloadBytes)} of ${megabytes(quota.workloadBytes)}`,
    `traces ${megabytes(use.traceBytes)}`,
    `${use.points} of ${quota.points} points`,
  ].join('  ');
}

const megabytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
