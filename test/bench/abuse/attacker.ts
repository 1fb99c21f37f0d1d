// SPDX-License-Identifier: GPL-2.0-or-later
// Thread that sends one attack at the pace of a token's rate limit, and counts the answers.
import { parentPort, workerData } from 'node:worker_threads';
import { attacksOf } from './attacks.js';

export interface AttackerSettings {
  readonly url: string;
  readonly token: string;
  readonly project: string;
  readonly job: string;
  /** Address of the attacker, as a proxy names it. */
  readonly address: string;
  /** Name of the attack. */
  readonly name: string;
  readonly seconds: number;
}

/** 1,200 requests a minute, the default limit. */
const PAUSE_MS = 50;
/** Most requests without an answer. */
const OPEN_LIMIT = 20;

const { url, token, project, job, address, name, seconds } = workerData as AttackerSettings;
const { method, path, type = 'application/json', body, anonymous } = attacksOf(job, project)[name]!;
const end = performance.now() + seconds * 1_000;
const abort = new AbortController();

/** Returns the status; `open` if none came in time, `reset` if the server closed the connection. */
async function send(count: number): Promise<string> {
  const text = body?.(count);
  try {
    const response = await fetch(url + path, {
      method,
      headers: {
        'x-forwarded-for': address,
        ...(anonymous === true ? {} : { authorization: `Bearer ${token}` }),
        ...(text === undefined ? {} : { 'content-type': type }),
      },
      ...(text === undefined ? {} : { body: text }),
      signal: abort.signal,
    });
    await response.arrayBuffer();
    return String(response.status);
  } catch {
    return abort.signal.aborted ? 'open' : 'reset';
  }
}

const answers = new Map<string, number>();
const open = new Set<Promise<void>>();
for (let count = 0; performance.now() < end; count += 1) {
  if (open.size < OPEN_LIMIT) {
    const request = send(count).then((answer) => {
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
      open.delete(request);
    });
    open.add(request);
  }
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
abort.abort();
await Promise.all(open);
parentPort!.postMessage(answers);
