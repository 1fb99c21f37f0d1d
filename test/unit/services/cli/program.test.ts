// SPDX-License-Identifier: GPL-2.0-or-later
import type { Command } from 'commander';
import { knownError } from '#cli/known-error.js';
import { buildProgram } from '#cli/program.js';

/** Returns the commands without subcommands, each with the names that lead to it. */
function leaves(command: Command, names: readonly string[] = []): string[] {
  if (command.commands.length === 0) return [names.join(' ')];
  return command.commands.flatMap((subcommand) =>
    leaves(subcommand, [...names, subcommand.name()]),
  );
}

test('every command is a noun and a verb, except the short forms', () => {
  const { program } = buildProgram(process.cwd(), {});

  expect(leaves(program).sort()).toEqual(
    [
      'demo',
      'show',
      'submit',
      'test',
      'up',
      'why',
      'alert list',
      'alert set',
      'audit list',
      'database backup',
      'database migrate',
      'database psql',
      'database restore',
      'event list',
      'history import',
      'history show',
      'host list',
      'host void',
      'job bisect',
      'job cancel',
      'job export',
      'job list',
      'job log',
      'job reproduce',
      'job show',
      'job submit',
      'job why',
      'mark add',
      'mark remove',
      'profile code',
      'profile list',
      'profile save',
      'project list',
      'queue list',
      'series list',
      'token create',
      'token list',
      'token revoke',
      'trace compare',
      'trace export',
      'trace gaps',
      'trace list',
      'trace show',
      'trust add',
      'trust list',
      'trust remove',
      'worker list',
      'workload check',
      'port check',
      'workload list',
    ].sort(),
  );
});

test('the help lists every noun under a heading of its group', () => {
  const help = buildProgram(process.cwd(), {}).program.helpInformation();

  expect(help.match(/^[A-Z][a-z ]*:$/gm)).toEqual([
    'Options:',
    'Service:',
    'Jobs:',
    'Parts of a job:',
    'History:',
    'Machines:',
    'Access:',
    'Help:',
  ]);
});

test('an unknown command gets the nearest name, or a hint to the help', () => {
  const complaint = (...words: string[]): string => {
    const { program } = buildProgram(process.cwd(), {});
    try {
      program.parse(words, { from: 'user' });
    } catch (error) {
      return knownError(error).message;
    }
    throw new Error('it was accepted');
  };

  expect(complaint('jobs')).toContain('Did you mean job?');
  expect(complaint('job', 'measure')).toContain('--help lists commands and options');
});
