// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { WorkerList } from '#contract/worker.js';
import type { Client } from '#cli/client.js';
import { started } from './compose.js';
import { JOB_IMAGES } from '../chaos/images.js';
import { SERVICE_IMAGES } from './images.js';
import { firstToken, rootDir, submitJob, succeeded, waitFor } from './jobs.js';
import { Node, makeNetwork, removeNetwork } from './node.js';

const STACK = 'qibench';
// Network namespaces lack IPVS, which virtual service addresses and the ingress network need.
const WITHOUT_IPVS = { QIBENCH_ENDPOINT_MODE: 'dnsrr', QIBENCH_PORT_MODE: 'host' };

/**
 * Tests dockerfiles/stack.yaml on three engines: stores on the first, an API and a worker on each
 * of the others.
 */
export async function trySwarm(say: (line: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'qibench-swarm-'));
  const nodes: Node[] = [];
  makeNetwork();
  try {
    for (const index of [1, 2, 3]) nodes.push(new Node(folder, index));
    await Promise.all(nodes.map((node) => node.start()));
    const [manager, second, third] = nodes as [Node, Node, Node];
    say(`swarm: ${nodes.length} engines run`);
    const images = execFileSync('docker', ['images', '--format', '{{.Repository}}:{{.Tag}}'], {
      encoding: 'utf8',
    })
      .split('\n')
      .filter((tag) => JOB_IMAGES.test(tag));
    manager.copyImages(SERVICE_IMAGES);
    for (const node of [second, third]) node.copyImages([...SERVICE_IMAGES, ...images]);
    say('swarm: images are on them');

    manager.docker('swarm', 'init', '--advertise-addr', manager.address);
    const token = manager.docker('swarm', 'join-token', '-q', 'worker').trim();
    for (const node of [second, third])
      node.docker(
        'swarm',
        'join',
        '--token',
        token,
        '--advertise-addr',
        node.address,
        `${manager.address}:2377`,
      );
    manager.docker('node', 'update', '--label-add', 'qibench.stores=true', manager.name);
    for (const node of [second, third])
      manager.docker(
        'node',
        'update',
        '--label-add',
        'qibench.worker=true',
        '--label-add',
        'qibench.api=true',
        node.name,
      );
    execFileSync(
      'docker',
      [
        'stack',
        'deploy',
        '--resolve-image',
        'never',
        '-c',
        join(rootDir, 'dockerfiles/stack.yaml'),
        STACK,
      ],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, ...WITHOUT_IPVS, DOCKER_HOST: manager.host },
      },
    );
    const firstOf = () => firstToken(manager.docker('service', 'logs', '--raw', `${STACK}_api`));
    const [first, other] = [
      await started(`http://${second.address}:7171`, firstOf),
      await started(`http://${third.address}:7171`, firstOf),
    ];
    say('swarm: the stack is up, an API on each of two nodes');

    await workersAre(first, [second.name, third.name]);
    const ids = [
      await submitJob(first, 'swarm: a job', 12),
      await submitJob(other, 'swarm: another job', 12),
    ] as const;
    await Promise.all([busy(first, second.name), busy(first, third.name)]);
    // Each job is followed through the API that did not accept it.
    await Promise.all([succeeded(other, ids[0]), succeeded(first, ids[1])]);
    say(
      'swarm: two jobs ran at once on two nodes, each submitted to one API and followed through the other',
    );

    const interrupted = await submitJob(first, 'swarm: its node dies', 60);
    await waitFor(
      first,
      interrupted,
      'measuring',
      ({ state, blocksDone }) => state === 'measuring' && blocksDone > 0,
    );
    const { workers } = await first.get<WorkerList>('/v1/workers');
    const holder = workers.find(({ job }) => job?.id === interrupted)?.id;
    const [dead, alive] = holder === second.name ? [second, other] : [third, first];
    await dead.kill();
    const { epoch } = await succeeded(alive, interrupted);
    if (epoch < 2) throw new Error('the node was not killed in time');
    say(
      `swarm: the job of a node that died (${dead.name}) succeeded on the other, claimed ${epoch} times`,
    );

    await dead.start();
    await workersAre(alive, [second.name, third.name]);
    await started(`http://${dead.address}:7171`, firstOf);
    say('swarm: the node came back, with its API and its worker');
  } catch (error) {
    const [manager] = nodes;
    try {
      say(
        manager!.docker('stack', 'ps', '--no-trunc', STACK) +
          ['migrate', 'api', 'worker']
            .map((name) =>
              manager!.docker('service', 'logs', '--raw', '--tail', '10', `${STACK}_${name}`),
            )
            .join(''),
      );
    } catch {
      /* there is nothing to say */
    }
    throw error;
  } finally {
    for (const node of nodes.reverse()) await node.remove();
    removeNetwork();
    rmSync(folder, { recursive: true, force: true });
  }
}

const READY_LIMIT_MS = 180_000;

const workersAre = (client: Client, names: readonly string[]) =>
  until(client, `workers ${names.join(' and ')}`, ({ workers }) =>
    names.every((name) =>
      workers.some(({ id, lost, notReady }) => id === name && !lost && notReady === null),
    ),
  );
const busy = (client: Client, name: string) =>
  until(client, `${name} has a job`, ({ workers }) =>
    workers.some(({ id, job }) => id === name && job !== null),
  );

async function until(
  client: Client,
  what: string,
  holds: (list: WorkerList) => boolean,
): Promise<void> {
  const deadlineMs = performance.now() + READY_LIMIT_MS;
  for (;;) {
    const list = await client.get<WorkerList>('/v1/workers').catch(() => null);
    if (list !== null && holds(list)) return;
    if (performance.now() > deadlineMs) throw new Error(`not so: ${what}; ${JSON.stringify(list)}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
