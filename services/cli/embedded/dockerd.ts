// SPDX-License-Identifier: GPL-2.0-or-later
import { openSync, readFileSync, closeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import * as http from 'node:http';
import * as https from 'node:https';
import { join } from 'node:path';
import { QibenchError } from '#contract/error.js';
import { startServer, untilAnswers } from './server-process.js';

const SOCKET = 'unix:///var/run/docker.sock';
const START_LIMIT_MS = 60_000;
const ANSWER_LIMIT_MS = 3_000;
const ENDING = { signal: 'SIGTERM', limitMs: 20_000 } as const;

/** Settings of Docker's client. */
export interface DockerSettings {
  readonly DOCKER_HOST: string | null;
  readonly DOCKER_CERT_PATH: string | null;
  readonly DOCKER_TLS_VERIFY: string | null;
}

/**
 * Starts a Docker engine unless one already answers.
 *
 * @returns Function that stops the engine if this call started it.
 * @throws {BAD_SETTING} DOCKER_HOST names an engine that does not answer.
 * @throws {UNAVAILABLE} The engine does not start.
 */
export async function ensureDocker(
  dataDir: string,
  settings: DockerSettings,
  signal: AbortSignal = new AbortController().signal,
): Promise<() => Promise<void>> {
  const problem = await unreachable(settings);
  if (problem === null) return async () => undefined;
  if (settings.DOCKER_HOST !== null)
    throw new QibenchError('BAD_SETTING', {
      setting: 'DOCKER_HOST',
      reason: `no Docker engine answers at ${settings.DOCKER_HOST} (${problem})`,
    });
  await mkdir(dataDir, { recursive: true });
  const log = openSync(join(dataDir, 'dockerd.log'), 'a');
  const daemon = startServer(['dockerd'], ENDING, { log });
  closeSync(log);
  const answers = async () => (await unreachable(settings)) === null;
  await untilAnswers(
    `Docker (its log is ${join(dataDir, 'dockerd.log')})`,
    daemon,
    answers,
    START_LIMIT_MS,
    signal,
  );
  return () => daemon.stop();
}

/** Returns the reason why an engine does not answer; null if it answers. */
function unreachable(settings: DockerSettings): Promise<string | null> {
  const host = settings.DOCKER_HOST ?? SOCKET;
  const socketPath = /^unix:\/\/(.*)$/.exec(host)?.[1];
  const { hostname, port, protocol } = new URL(socketPath === undefined ? host : 'http://docker');
  const encrypted =
    socketPath === undefined &&
    (protocol === 'https:' || port === '2376' || settings.DOCKER_TLS_VERIFY !== null);
  return new Promise((resolve) => {
    const options: https.RequestOptions = {
      ...(socketPath === undefined ? { host: hostname, port } : { socketPath }),
      path: '/_ping',
      ...(encrypted ? certificates(settings.DOCKER_CERT_PATH) : {}),
    };
    const call = (encrypted ? https : http).request(options, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? null : `status ${response.statusCode}`);
    });
    const limit = setTimeout(
      () => call.destroy(new Error(`no answer within ${ANSWER_LIMIT_MS / 1_000} s`)),
      ANSWER_LIMIT_MS,
    );
    call.once('error', (error: NodeJS.ErrnoException) => resolve(error.message || error.code!));
    call.once('close', () => clearTimeout(limit));
    call.end();
  });
}

function certificates(folder: string | null): { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  if (folder === null) return {};
  const [ca, cert, key] = ['ca', 'cert', 'key'].map((name) =>
    readFileSync(join(folder, `${name}.pem`)),
  );
  return { ca, cert, key };
}
