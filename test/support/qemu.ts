// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Output and status of a finished QEMU or other program in a container. */
export interface Finished {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** A read-only path of the host, or a writable volume. */
export type Mount = { readonly at: string } & (
  { readonly folder: string } | { readonly volume: string }
);

/** Time after which a program that hangs is killed, and its container ends: enough for builds on a busy machine. */
const LIMIT_SECONDS = 2400;

function dockerCommand(
  image: string,
  command: readonly string[],
  mounts: readonly Mount[],
): string[] {
  const volumes = mounts.flatMap((mount) => [
    '-v',
    'folder' in mount ? `${mount.folder}:${mount.at}:ro` : `${mount.volume}:${mount.at}`,
  ]);
  return [
    'run',
    '--rm',
    '-i',
    '--network',
    'none',
    '--user',
    '1000:1000',
    ...volumes,
    image,
    // As process 1, the `timeout` of coreutils 9.10 fails.
    ...['sh', '-c', `timeout --signal=KILL ${LIMIT_SECONDS} "$@"; exit "$?"`, 'sh'],
    ...command,
  ];
}

/** Runs a program of an image to its end; stdout and stderr are combined. */
export function runIn(
  image: string,
  command: readonly string[],
  mounts: readonly Mount[] = [],
): Finished {
  const { status, signal, stdout, stderr } = spawnSync(
    'docker',
    dockerCommand(image, command, mounts),
    { encoding: 'utf8', maxBuffer: 256 * 1024 ** 2 },
  );
  return { status, signal, output: stdout + stderr };
}

export interface QmpError {
  readonly class: string;
  readonly desc: string;
}

/** A running QEMU with QMP on its standard streams. */
export class Qemu {
  #output = '';
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  readonly #answers: AsyncIterator<string>;

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.#ended = once(process, 'close');
    process.stderr!.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#answers = createInterface(process.stdout!)[Symbol.asyncIterator]();
  }

  static async start(
    image: string,
    command: readonly string[],
    mounts: readonly Mount[],
  ): Promise<Qemu> {
    const qemu = new Qemu(
      spawn('docker', dockerCommand(image, [...command, '-qmp', 'stdio'], mounts), {
        stdio: ['pipe', 'pipe', 'pipe'],
      }),
    );
    await qemu.#next('QMP');
    await qemu.do('qmp_capabilities');
    return qemu;
  }

  /** Sends a command and returns its answer; an error is an answer too. */
  async answer(
    command: string,
    options: object = {},
  ): Promise<{ return?: unknown; error?: QmpError }> {
    this.#process.stdin!.write(`${JSON.stringify({ execute: command, arguments: options })}\n`);
    return (await this.#next('return', 'error')) as { return?: unknown; error?: QmpError };
  }

  async do<T>(command: string, options: object = {}): Promise<T> {
    const { error, return: value } = await this.answer(command, options);
    if (error !== undefined) throw new Error(`${command}: ${error.desc}`);
    return value as T;
  }

  /** Returns the output of a human monitor command. */
  async human(line: string): Promise<string> {
    return (await this.do<string>('human-monitor-command', { 'command-line': line }))
      .replaceAll('\r', '')
      .trim();
  }

  /** Waits until QEMU or its library has printed this. */
  async waitForOutput(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#output)) {
      const ended = await Promise.race([
        once(this.#process.stderr!, 'data').then(() => false),
        this.#ended.then(() => true),
      ]);
      if (ended && !pattern.test(this.#output)) throw new Error(`QEMU ended:\n${this.#output}`);
    }
  }

  async quit(): Promise<Finished> {
    await this.do('quit');
    const [status, signal] = (await this.#ended) as [number | null, NodeJS.Signals | null];
    return { status, signal, output: this.#output };
  }

  async #next(...keys: string[]): Promise<Record<string, unknown>> {
    for (;;) {
      const { value, done } = await this.#answers.next();
      if (done === true) throw new Error(`QEMU ended:\n${this.#output}`);
      const message = JSON.parse(value) as Record<string, unknown>;
      if (keys.some((key) => key in message)) return message;
    }
  }
}
