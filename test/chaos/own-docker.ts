// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SmallDisk } from './small-disk.js';

const START_LIMIT_MS = 60_000;
const DISK_BYTES = 32 * 1024 ** 3;
/**
 * Name prefix of containers that use images, so that eviction never removes images that take
 * minutes to build.
 */
export const PIN = 'chaos-pin';

/** Calls Docker's client on an engine, or on the default one. */
export function docker(host: string | null, ...command: string[]): string {
  return execFileSync('docker', command, {
    encoding: 'utf8',
    env: host === null ? process.env : { ...process.env, DOCKER_HOST: host },
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** A killable Docker engine beside the machine's, with its own images. */
export class OwnDocker {
  readonly host: string;
  /** Disk of images and containers. */
  readonly disk: SmallDisk;
  #daemon: ChildProcess | null = null;
  readonly #bridge: string;

  /**
   * @param index Number of the engine's bridge and network, from 0 to 15.
   * @param wrapper Command that executes the daemon with its options, which it gets as arguments.
   */
  constructor(
    readonly folder: string,
    readonly index: number,
    readonly wrapper: readonly string[] = [],
  ) {
    this.host = `unix://${join(folder, 'docker.sock')}`;
    this.disk = SmallDisk.inFile(join(folder, 'docker-disk'), DISK_BYTES);
    mkdirSync(join(this.disk.folder, 'data'));
    this.#bridge = `qichaos${index}`;
  }

  async start(): Promise<void> {
    const made = spawnSync('ip', ['link', 'add', this.#bridge, 'type', 'bridge']).status === 0;
    if (made)
      spawnSync('ip', ['addr', 'add', `172.31.${this.index * 16}.1/20`, 'dev', this.#bridge]);
    execFileSync('ip', ['link', 'set', this.#bridge, 'up']);
    const logFile = join(this.folder, 'dockerd.log');
    const log = openSync(logFile, 'a');
    const command = [
      ...this.wrapper,
      'dockerd',
      '--data-root',
      join(this.disk.folder, 'data'),
      '--exec-root',
      join(this.folder, 'docker-exec'),
      '--pidfile',
      join(this.folder, 'docker.pid'),
      '-H',
      this.host,
      '--bridge',
      this.#bridge,
      '--iptables=false',
      '--ip-masq=false',
    ];
    const run = () =>
      spawn(command[0]!, command.slice(1), { stdio: ['ignore', log, log], detached: true });
    this.#daemon = run();
    const deadlineMs = performance.now() + START_LIMIT_MS;
    while (
      spawnSync('docker', ['version'], { env: { ...process.env, DOCKER_HOST: this.host } })
        .status !== 0
    ) {
      if (performance.now() > deadlineMs)
        throw new Error(`dockerd does not start: ${readFileSync(logFile, 'utf8').slice(-2_000)}`);
      if (this.#daemon.exitCode !== null)
        // The killed daemon's containerd was in the way.
        this.#daemon = run();
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === null || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const exited = once(daemon, 'exit');
    daemon.kill(signal);
    await exited;
  }

  /** Copies images of the machine's engine instead of building them again. */
  copyImages(tags: readonly string[]): void {
    execFileSync(
      'sh',
      ['-ec', 'docker save "$@" | DOCKER_HOST="$0" docker load', this.host, ...tags],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    for (const [index, tag] of tags.filter((name) => /\/(tree|workload):/.test(name)).entries())
      docker(this.host, 'create', '--name', `${PIN}-${index}`, tag, 'true');
  }

  async remove(): Promise<void> {
    await this.stop();
    spawnSync('ip', ['link', 'del', this.#bridge]);
    spawnSync('sh', [
      '-c',
      `grep -o ' ${this.folder}[^ ]*' /proc/mounts | sort -r | xargs -r umount -l`,
    ]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
