// SPDX-License-Identifier: GPL-2.0-or-later
// Measures how much one tenant can slow another down: `npm run bench:abuse [-- --help]`. Prints the
// table of docs/scale.md and fails if a 99th percentile exceeds the limit.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { newSecret, secretDigest } from '#api/auth/secret.js';
import { random } from '#statistics/random.js';
import { insertToken } from '#store/tokens.js';
import { measuredJob } from '#support/measured-job.js';
import { programOptions } from '#support/program-options.js';
import { newSampleOf } from '#support/sample.js';
import type { AttackerSettings } from './abuse/attacker.js';
import { attacksOf } from './abuse/attacks.js';
import { startStack } from './scale/stack.js';
import { markdownTable, quantile } from './table.js';

const { values: options } = programOptions(
  'npm run bench:abuse -- [--seconds of each attack] [--only attacks whose name has this text] ' +
    "[--limit of the 99th percentile of another tenant's reads, in milliseconds]",
  {
    seconds: { type: 'string', default: '15' },
    only: { type: 'string', default: '' },
    limit: { type: 'string', default: '100' },
  },
);
const SECONDS = Number(options.seconds);
const LIMIT_MS = Number(options.limit);
/** Pause between two reads of the other tenant. */
const PAUSE_MS = 10;
/** Tokens of the other tenant: one alone would reach its rate limit. */
const READERS = 20;
/** Reads before the first attack, so that code is compiled and results are cached. */
const WARM_UP = 200;

const NOTHING: [string, { follows?: boolean }] = ['nothing', {}];

const stack = await startStack({
  QIBENCH_OPEN_ON_LOOPBACK: '0',
  QIBENCH_TRUST_PROXY: '127.0.0.1', // the tenants have different addresses
  QIBENCH_LOG_LEVEL: 'fatal',
});
let slow = false;
try {
  const readers = await Promise.all(Array.from({ length: READERS }, () => tokenOf('alice')));
  const job = await jobOf('alice', 12);
  const paths = ['/v1/jobs?limit=20', `/v1/jobs/${job}`, `/v1/jobs/${job}/comparison`];
  const read = async (count: number) => {
    const response = await fetch(stack.url + paths[count % paths.length]!, {
      headers: {
        authorization: `Bearer ${readers[count % readers.length]!}`,
        'x-forwarded-for': '192.0.2.2',
      },
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`a read of another tenant: status ${response.status}`);
  };
  for (let count = 0; count < WARM_UP; count += 1) await read(count);

  const attacks = Object.entries(attacksOf('', '')).filter(([name]) => name.includes(options.only));
  let project = 'quiet';
  const rows = [];
  for (const [at, [name, { follows = false }]] of [NOTHING, ...attacks].entries()) {
    if (!follows) project = `mallory-${at}`;
    const settings = { url: stack.url, project, address: `198.51.100.${at}`, name };
    const attack =
      at === 0
        ? quiet()
        : attacked({
            ...settings,
            token: await tokenOf(project),
            job: await jobOf(project, 100),
            seconds: SECONDS,
          });
    const latenciesMs = await latenciesDuring(attack, read);
    const p99Ms = quantile(latenciesMs, 0.99);
    slow ||= p99Ms > LIMIT_MS;
    rows.push([
      name,
      [...(await attack)].map(([answer, count]) => `${count} × ${answer}`).join(', '),
      ...[quantile(latenciesMs, 0.5), p99Ms, quantile(latenciesMs, 1)].map(
        (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`,
      ),
    ]);
    process.stderr.write(`${rows.at(-1)!.join(' | ')}\n`);
  }
  process.stdout.write(
    markdownTable(["one tenant's requests", 'answers', "another's p50", 'p99', 'longest'], rows),
  );
} finally {
  await stack.stop();
}
if (slow) {
  process.stderr.write(`a 99th percentile is above ${LIMIT_MS} ms\n`);
  process.exitCode = 1;
}

async function quiet(): Promise<Map<string, number>> {
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1_000));
  return new Map();
}

async function attacked(settings: AttackerSettings): Promise<Map<string, number>> {
  const attacker = new Worker(new URL('./abuse/attacker.js', import.meta.url), {
    workerData: settings,
  });
  const [answers] = (await once(attacker, 'message')) as [Map<string, number>];
  await attacker.terminate();
  return answers;
}

/** Reads until the attack is over. */
async function latenciesDuring(
  attack: Promise<unknown>,
  read: (count: number) => Promise<void>,
): Promise<number[]> {
  const latenciesMs: number[] = [];
  let over = false;
  const end = () => (over = true);
  attack.then(end, end);
  while (!over) {
    const startMs = performance.now();
    await read(latenciesMs.length);
    latenciesMs.push(performance.now() - startMs);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return latenciesMs;
}

async function tokenOf(project: string): Promise<string> {
  const secret = newSecret();
  await insertToken(stack.store.pool, {
    name: project,
    project,
    scopes: ['jobs:read', 'jobs:write'],
    expiresAt: null,
    kind: 'token',
    digest: secretDigest(secret),
  });
  return secret;
}

async function jobOf(project: string, blocks: number): Promise<string> {
  const next = random(3);
  const workloads = ['a', 'b', 'c', 'd'];
  const samples = Array.from({ length: blocks }, (_, block) =>
    ['none', 'idle', 'dynamic', 'static'].flatMap((variant, place) =>
      workloads.map((workload, at) =>
        newSampleOf({
          variant,
          workload,
          block: block + 1,
          position: workloads.length * place + at,
          wallNs: String(Math.round(1e9 * (1 + 0.1 * place + 0.05 * next()))),
        }),
      ),
    ),
  ).flat();
  return measuredJob(stack.store, samples, { project });
}
