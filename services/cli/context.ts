// SPDX-License-Identifier: GPL-2.0-or-later
import type { Command } from 'commander';
import { printableJson } from '#client/printable.js';
import { QibenchError } from '#contract/error.js';
import type { Environment } from '#contract/settings.js';
import { Client } from './client.js';
import { readCommandSettings, type CommandSettings } from './settings.js';

/** Access of the commands to the options that all of them share. Valid once these are parsed. */
export interface Context {
  /** Folder of qibench itself, with examples and migrations. */
  readonly rootDir: string;
  /** Environment of the command, for the processes that it starts. */
  readonly environment: Environment;
  /**
   * Returns the settings.
   * @throws {BAD_SETTING}
   */
  readonly settings: () => CommandSettings;
  /** Returns whether the output is JSON. */
  readonly json: () => boolean;
  /** Returns a client for the service that the options name. */
  readonly client: () => Client;
  /**
   * Prints a result to standard output: `value` as JSON, or the text. Says on standard error that a
   * text is empty.
   */
  readonly print: (value: unknown, text: () => string) => void;
  /** Declares a command that talks to no service: it refuses `--server` and `--token`. */
  readonly local: (command: Command) => void;
}

const DEFAULT_SERVER = 'http://127.0.0.1:7171';

/** Adds the options that all commands share, and returns the access to them. */
export function sharedOptions(
  program: Command,
  rootDir: string,
  environment: Environment,
): Context {
  program
    .option(
      '--server <url>',
      `URL of the service (default: QIBENCH_SERVER, else ${DEFAULT_SERVER})`,
    )
    .option(
      '--token <token>',
      'token for the service; prefer QIBENCH_TOKEN, since other users can see arguments',
    )
    .option('--json', 'print JSON', false);
  const json = () => program.opts<{ json: boolean }>().json;
  const settings = () => readCommandSettings(environment);
  const locals = new Set<Command>();
  program.hook('preAction', (_, command) => {
    const option = ['server', 'token'].find((name) => program.getOptionValue(name) !== undefined);
    if (locals.has(command) && option !== undefined)
      throw new QibenchError('BAD_USAGE', {
        reason: `--${option}: "${pathOf(command)}" works on this machine and talks to no service`,
      });
  });
  return {
    rootDir,
    environment,
    settings,
    json,
    client: () => {
      const { server, token } = program.opts<{ server?: string; token?: string }>();
      const { QIBENCH_SERVER, QIBENCH_TOKEN } = settings();
      return new Client(
        server ?? QIBENCH_SERVER ?? DEFAULT_SERVER,
        (token || QIBENCH_TOKEN) ?? undefined,
        server === undefined ? 'QIBENCH_SERVER' : '--server',
      );
    },
    print: (value, text) => {
      const shown = json() ? printableJson(value, 2) : text();
      if (shown === '') process.stderr.write('no entries\n');
      else process.stdout.write(`${shown}\n`);
    },
    local: (command) => void locals.add(command),
  };
}

function pathOf(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at?.parent != null; at = at.parent)
    names.unshift(at.name());
  return names.join(' ');
}
