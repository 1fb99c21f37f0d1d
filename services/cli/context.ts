// SPDX-License-Identifier: GPL-2.0-or-later
import type { Command } from 'commander';
import { Client } from './client.js';

/** Access of the commands to the options that all of them share. Valid once these are parsed. */
export interface Context {
  /** Folder of qibench itself, with examples and migrations. */
  readonly rootDir: string;
  /** Returns whether the output is JSON. */
  readonly json: () => boolean;
  /** Returns a client for the service that the options name. */
  readonly client: () => Client;
  /** Prints a result to standard output: `value` as JSON, or the text. */
  readonly print: (value: unknown, text: () => string) => void;
}

/** Adds the options that all commands share, and returns the access to them. */
export function sharedOptions(program: Command, rootDir: string): Context {
  program
    .option(
      '--server <url>',
      'URL of the service',
      process.env.QIBENCH_SERVER ?? 'http://127.0.0.1:7171',
    )
    .option(
      '--token <token>',
      'token for the service; prefer QIBENCH_TOKEN, since other users can see arguments',
    )
    .option('--json', 'print JSON', false);
  const json = () => program.opts<{ json: boolean }>().json;
  return {
    rootDir,
    json,
    client: () => {
      const { server, token } = program.opts<{ server: string; token?: string }>();
      return new Client(server, token ?? process.env.QIBENCH_TOKEN);
    },
    print: (value, text) => {
      process.stdout.write(json() ? `${JSON.stringify(value, null, 2)}\n` : `${text()}\n`);
    },
  };
}
