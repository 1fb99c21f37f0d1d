// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const BRIDGE = 'qbswarm';
const NETWORK = '10.77.0';
const START_LIMIT_MS = 60_000;

const ip = (...command: string[]) =>
  execFileSync('ip', command, { stdio: ['ignore', 'ignore', 'inherit'] });

/** Creates the network between nodes, with a route to the outside. */
export function makeNetwork(): void {
  removeNetwork();
  ip('link', 'add', BRIDGE, 'type', 'bridge');
  ip('addr', 'add', `${NETWORK}.1/24`, 'dev', BRIDGE);
  ip('link', 'set', BRIDGE, 'up');
  for (const rule of rules('-I')) execFileSync('iptables', rule);
}

export function removeNetwork(): void {
  for (const rule of rules('-D')) spawnSync('iptables', rule);
  spawnSync('ip', ['link', 'del', BRIDGE]);
}

const rules = (change: '-I' | '-D') => [
  [
    '-t',
    'nat',
    change,
    'POSTROUTING',
    '-s',
    `${NETWORK}.0/24`,
    '!',
    '-o',
    BRIDGE,
    '-j',
    'MASQUERADE',
  ],
  [change, 'FORWARD', '-i', BRIDGE, '-j', 'ACCEPT'],
  [change, 'FORWARD', '-o', BRIDGE, '-j', 'ACCEPT'],
];

/**
 * A host from Docker's point of view: an engine with its own network, name, socket, data folder and
 * lock folder. CPUs, memory and kernel are the machine's.
 */
export class Node {
  readonly address: string;
  /** Address for `docker` on the machine. */
  readonly host: string;
  readonly name: string;
  readonly #folder: string;
  #daemon: ChildProcess | null = null;

  /** @param index From 1. */
  constructor(folder: string, index: number) {
    this.name = `qbnode${index}`;
    this.address = `${NETWORK}.${10 + index}`;
    this.#folder = join(folder, this.name);
    this.host = `unix://${join(this.#folder, 'docker.sock')}`;
    mkdirSync(join(this.#folder, 'data'), { recursive: true });
  }

  /**
   * Starts the node, also after `kill`, like a host that is switched on with an empty network
   * namespace.
   */
  async start(): Promise<void> {
    this.#connect();
    const log = openSync(join(this.#folder, 'dockerd.log'), 'a');
    // Does not use `ip netns exec`, which unmounts cgroups from /sys. The private /run holds
    // socket, lock and dockerd's runtime files. Swarm uses the host name as the node's name.
    const script =
      'hostname "$1"; mount -t tmpfs tmpfs /run; mkdir /run/lock; mkdir -p /var/lib/docker; ' +
      'mount --bind "$2/data" /var/lib/docker; exec dockerd -H unix:///run/docker.sock -H ' +
      '"unix://$2/docker.sock"';
    this.#daemon = spawn(
      'nsenter',
      [
        `--net=/run/netns/${this.name}`,
        'unshare',
        '--mount',
        '--uts',
        '--propagation',
        'private',
        'sh',
        '-ec',
        script,
        'sh',
        this.name,
        this.#folder,
      ],
      { stdio: ['ignore', log, log] },
    );
    const deadlineMs = performance.now() + START_LIMIT_MS;
    while (
      spawnSync('docker', ['version'], { env: { ...process.env, DOCKER_HOST: this.host } })
        .status !== 0
    ) {
      if (performance.now() > deadlineMs || this.#daemon.exitCode !== null)
        throw new Error(`dockerd of ${this.name} does not start; see ${this.#folder}/dockerd.log`);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }

  #connect(): void {
    this.#disconnect();
    ip('netns', 'add', this.name);
    ip('link', 'add', `${this.name}-b`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.name);
    ip('link', 'set', `${this.name}-b`, 'master', BRIDGE, 'up');
    const inside = (...command: string[]) => ip('-n', this.name, ...command);
    inside('addr', 'add', `${this.address}/24`, 'dev', 'eth0');
    inside('link', 'set', 'lo', 'up');
    inside('link', 'set', 'eth0', 'up');
    inside('route', 'add', 'default', 'via', `${NETWORK}.1`);
  }

  #disconnect(): void {
    spawnSync('ip', ['link', 'del', `${this.name}-b`]);
    spawnSync('ip', ['netns', 'del', this.name]);
  }

  /** Kills the engine and every container on it, like a host that loses power. */
  async kill(): Promise<void> {
    const containers = this.docker('ps', '-q', '--no-trunc')
      .split('\n')
      .filter((id) => id !== '');
    const pids =
      containers.length === 0
        ? []
        : this.docker('inspect', '--format', '{{.State.Pid}}', ...containers)
            .trim()
            .split('\n');
    await this.stop('SIGKILL');
    spawnSync('pkill', [
      '-KILL',
      '-f',
      `${this.#folder}|containerd.*--namespace moby -id (${containers.join('|') || 'none'})`,
    ]);
    for (const pid of pids) spawnSync('kill', ['-KILL', pid]);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === null || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const exited = once(daemon, 'exit');
    daemon.kill(signal);
    await exited;
  }

  docker(...command: string[]): string {
    return execFileSync('docker', command, {
      encoding: 'utf8',
      env: { ...process.env, DOCKER_HOST: this.host },
      maxBuffer: 64 * 1024 * 1024,
    });
  }

  /** Copies images of the machine's engine, in place of a registry. */
  copyImages(tags: readonly string[]): void {
    execFileSync(
      'sh',
      ['-ec', 'docker save "$@" | DOCKER_HOST="$0" docker load', this.host, ...tags],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
  }

  async remove(): Promise<void> {
    if (this.#daemon?.exitCode === null && this.#daemon.signalCode === null)
      for (const id of this.docker('ps', '-q').split('\n'))
        if (id !== '')
          spawnSync('docker', ['kill', id], { env: { ...process.env, DOCKER_HOST: this.host } });
    await this.stop();
    this.#disconnect();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
