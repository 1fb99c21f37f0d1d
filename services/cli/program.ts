// SPDX-License-Identifier: GPL-2.0-or-later
import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '#contract/settings.js';
import { alertCommands } from './commands/alert.js';
import { auditCommands } from './commands/audit.js';
import { databaseCommands } from './commands/database.js';
import { eventCommands } from './commands/event.js';
import { historyCommands } from './commands/history.js';
import { hostCommands } from './commands/host.js';
import { jobCommands, jobShortForms } from './commands/job.js';
import { markCommands } from './commands/mark.js';
import { portCommands } from './commands/port.js';
import { profileCommands } from './commands/profile.js';
import { projectCommands } from './commands/project.js';
import { queueCommands } from './commands/queue.js';
import { seriesCommands } from './commands/series.js';
import { serviceCommands } from './commands/service.js';
import { tokenCommands } from './commands/token.js';
import { traceCommands } from './commands/trace.js';
import { trustCommands } from './commands/trust.js';
import { workerCommands } from './commands/worker.js';
import { workloadCommands } from './commands/workload.js';
import { sharedOptions, type Context } from './context.js';

/** The groups of the help, in order, with the functions that add their commands. */
const GROUPS: [string, ((program: Command, context: Context) => void)[]][] = [
  ['Service:', [serviceCommands, databaseCommands]],
  ['Jobs:', [jobShortForms, jobCommands, queueCommands, profileCommands, traceCommands]],
  ['Parts of a job:', [eventCommands, workloadCommands, portCommands]],
  ['History:', [projectCommands, historyCommands, seriesCommands, alertCommands, markCommands]],
  ['Machines:', [workerCommands, hostCommands]],
  ['Access:', [tokenCommands, trustCommands, auditCommands]],
];

/**
 * Builds the command line. Every command is `qibench <noun> <verb>`, except `demo`, `up` and
 * `test`, which have no noun, and the short forms `submit`, `show` and `why`.
 * @param rootDir Folder of qibench itself.
 * @param environment Environment variables, for the settings.
 * @returns The program, and the access to its shared options.
 */
export function buildProgram(
  rootDir: string,
  environment: Environment,
): { program: Command; context: Context } {
  // The caller reports errors of the command line like all others.
  const program = new Command('qibench')
    .description('Benchmarks of QEMU trace instrumentation')
    .version(versionOf(rootDir), '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  const context = sharedOptions(program, rootDir, environment);
  for (const [heading, parts] of GROUPS) {
    program.commandsGroup(heading);
    for (const add of parts) add(program, context);
  }
  program.commandsGroup('Help:').helpCommand(true);
  return { program, context };
}

function versionOf(rootDir: string): string {
  const { version } = JSON.parse(readFileSync(join(rootDir, 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}
