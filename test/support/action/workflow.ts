// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';

const DIST = 'services/action/dist/main.js';

export interface Step {
  readonly inputs: Record<string, string>;
  readonly environment: Record<string, string>;
  readonly event: unknown;
  /** Called with the whole output so far whenever it grows. */
  readonly onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
  /** If set: runs the post step instead, with the state of this ended step. */
  readonly after?: Ended;
}

export interface Ended {
  readonly status: number | null;
  readonly log: string;
  readonly outputs: Record<string, string>;
  readonly state: Record<string, string>;
  readonly summary: string;
}

/**
 * Runs the committed bundle like a runner: inputs and environment in variables, results in files.
 */
export async function runAction({
  inputs,
  environment,
  event,
  onOutput,
  after,
}: Step): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'qibench-action-'));
  const file = (name: string, content = '') => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const files = {
    GITHUB_EVENT_PATH: file('event.json', JSON.stringify(event)),
    GITHUB_OUTPUT: file('output'),
    GITHUB_STATE: file('state'),
    GITHUB_STEP_SUMMARY: file('summary'),
  };
  const { inputs: declared } = parse(readFileSync('action.yml', 'utf8')) as {
    inputs: Record<string, { default: string }>;
  };
  const values = Object.entries(declared).map(([name, { default: usual }]) => [
    `INPUT_${name.toUpperCase()}`,
    inputs[name] ?? (usual.includes('${{') ? '' : usual),
  ]);
  const state = Object.entries(after?.state ?? {}).map(([name, value]) => [`STATE_${name}`, value]);
  const action = spawn(process.execPath, [DIST], {
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      RUNNER_TEMP: folder,
      ...environment,
      ...files,
      ...Object.fromEntries([...values, ...state]),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [action.stdout, action.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log += chunk.toString('utf8');
      onOutput?.(log, (signal) => action.kill(signal));
    });
  }
  const [status] = (await once(action, 'close')) as [number | null];
  return {
    status,
    log,
    outputs: keyed(files.GITHUB_OUTPUT),
    state: keyed(files.GITHUB_STATE),
    summary: readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8'),
  };
}

/**
 * Parses `name<<delimiter` followed by lines and `delimiter`. Source: "Workflow commands for GitHub
 * Actions", multiline strings.
 */
function keyed(path: string): Record<string, string> {
  return Object.fromEntries(
    [...readFileSync(path, 'utf8').matchAll(/^(.+?)<<(ghadelimiter_\S+)\n([\s\S]*?)\n?\2$/gm)].map(
      ([, name, , value]) => [name!, value!],
    ),
  );
}
