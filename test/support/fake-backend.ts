// SPDX-License-Identifier: GPL-2.0-or-later
import { PassThrough, type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import type { HostState, RunResult } from '#contract/sample.js';
import type { Engine, ContainerSpec, Ending } from '#worker/engine/engine.js';
import { PATHS } from '#worker/step-context.js';
import { packFiles } from '#worker/build/tar.js';
import { RUN_PATHS } from '#worker/measure/command.js';
import { header, mapping, record } from './trace-encoder.js';

/** The event that traced runs record, once. */
export const FAKE_EVENT = 'memory_region_ops_write';
const EVENTS_FILE =
  `${FAKE_EVENT}(int cpu_index, void *mr, uint64_t addr, uint64_t value, unsigned size, const ` +
  `char *name) "%d"\n`;
const TRACE = Buffer.concat([
  header(),
  mapping(1n, FAKE_EVENT),
  record(1n, 5n, 1, 0n, 0n, 0n, 0n, 1n, 'port'),
]);

/** An operation of the backend, as seen by a test. */
export interface FakeCall {
  readonly operation: 'sweep' | 'run' | 'copyOut' | 'remove';
  /** Command of the container; empty for a sweep. */
  readonly command: readonly string[];
  /** Path of copyOut. */
  readonly path: string;
  /** Number of calls of this operation on measured runs, including this one. */
  readonly run: number;
}

/** A call that waits until the test releases it; an abort still ends it. */
interface Hold {
  /** Resolves when the call has arrived. */
  readonly reached: Promise<void>;
  release(): void;
}

export interface FakeBackend extends Engine {
  /** Holds the next call that matches. */
  hold(meant: (call: FakeCall) => boolean): Hold;
  /** Names of all existing containers and volumes of jobs. */
  left(): string[];
}

export interface FakeOptions {
  /** Output of measured runs. */
  readonly exitStatus: number;
  /** Output of containers. */
  readonly output?: (spec: ContainerSpec, run: number) => string;
  /** Result of containers; success by default. */
  readonly ending?: (spec: ContainerSpec) => Partial<Ending>;
  /** Trace file of traced runs; one record by default. */
  readonly trace?: Buffer;
  /** File of callgrind that profiled runs write; none by default. */
  readonly profile?: string;
  /** Result of a measured run; 1 ms by default. */
  readonly result?: (spec: ContainerSpec, run: number) => Partial<RunResult>;
  /** Images that are missing and need a build; none by default. */
  readonly absent?: RegExp;
}

const NOTHING: HostState = {
  stat: '',
  pressureCpu: '',
  pressureIo: '',
  pressureMemory: '',
  load: '',
  frequenciesKhz: '',
};
const RESULT: RunResult = {
  schema: 'qibench.run/3',
  wallNs: '1000000',
  userNs: '900000',
  systemNs: '100000',
  maxRssBytes: '1000000',
  minorFaults: 0,
  majorFaults: 0,
  voluntarySwitches: 0,
  involuntarySwitches: 0,
  exitStatus: 0,
  signal: null,
  timedOut: false,
  outOfMemory: false,
  leftBehind: null,
  outputBytes: 0,
  forwardedBytes: 0,
  outputTruncated: false,
  error: null,
  hostInstructions: null,
  instructionsSkipped: 'a fake',
  before: NOTHING,
  after: NOTHING,
};
const ENDED: Ending = { exitStatus: 0, outOfMemory: false, timedOut: false, outOfDisk: false };

/** True for a run of an emulator, false for the container that reads the emulators before. */
export const runsEmulator = ({ command }: ContainerSpec) =>
  command.some((word) => word.startsWith('/opt/qemu/bin/qemu-'));

/**
 * An engine that runs nothing: containers succeed at once, and every image exists. For tests of the
 * worker's own logic.
 */
export function fakeBackend({
  exitStatus,
  output,
  result,
  ending,
  absent,
  trace = TRACE,
  profile = '',
}: FakeOptions): FakeBackend {
  const containers = new Map<string, ContainerSpec>();
  const volumes = new Map<string, Record<string, string>>();
  const made = new Set<string>();
  const counts = new Map<string, number>();
  let holds: { meant: (call: FakeCall) => boolean; reach: () => void; released: Promise<void> }[] =
    [];
  let created = 0;

  async function pass(
    operation: FakeCall['operation'],
    spec: ContainerSpec | undefined,
    path: string,
    signal?: AbortSignal,
  ): Promise<number> {
    const command = spec?.command ?? [];
    const measured = command[0] === 'qibench-run';
    const run = (counts.get(operation) ?? 0) + (measured ? 1 : 0);
    if (measured) counts.set(operation, run);
    const held = holds.find(({ meant }) => meant({ operation, command, path, run }));
    if (held === undefined) return run;
    holds = holds.filter((hold) => hold !== held);
    held.reach();
    await Promise.race([held.released, ...(signal === undefined ? [] : [rejection(signal)])]);
    return run;
  }

  const has = (labels: Record<string, string>, wanted: Record<string, string>) =>
    Object.entries(wanted).every(([key, value]) => labels[key] === value);
  return {
    hold(meant) {
      let reach!: () => void;
      let release!: () => void;
      const reached = new Promise<void>((resolve) => (reach = resolve));
      const released = new Promise<void>((resolve) => (release = resolve));
      holds.push({ meant, reach, released });
      return { reached, release };
    },
    left: () => [
      ...[...containers].map(([id, { command }]) => `${id} ${command[0]}`),
      ...volumes.keys(),
    ],
    version: async () => ({ engine: 'fake', runtime: 'fake' }),
    engine: async () => ({ id: 'fake', dataFolder: '/' }),
    listCached: async () => [],
    removeDangling: async () => [],
    evict: async () => true,
    hasImage: async (tag) => made.has(tag) || absent?.test(tag) !== true,
    imageId: async (tag) => `sha256:${tag}`,
    imageLabels: async (tag) => ({
      'qibench.source': `sha256:${tag}`,
      'qibench.binary': `sha256:${tag}`,
      'qibench.links': '16',
    }),
    pullImage: async () => true,
    async importImage() {},
    pushImage: async (tag) => `sha256:${tag}`,
    async pullDigest(_, tag) {
      made.add(tag);
    },
    async buildImage(_, { tag }) {
      made.add(tag);
    },
    async create(spec) {
      const id = `container-${(created += 1)}`;
      containers.set(id, spec);
      return id;
    },
    async copyIn(_, __, content) {
      if (!Buffer.isBuffer(content)) await finished(content.resume());
    },
    async run(id, { signal, onOutput }) {
      signal?.throwIfAborted();
      const spec = containers.get(id)!;
      const run = await pass('run', spec, '', signal);
      signal?.throwIfAborted();
      onOutput('stderr', Buffer.from(output?.(spec, run) ?? ''));
      return { ...ENDED, ...ending?.(spec) };
    },
    async open(id, onOutput) {
      const container = containers.get(id)!;
      const answer = async (request: Buffer) => {
        const spec = { ...container, command: [...container.command, ...argumentsOf(request)] };
        const run = await pass('run', spec, '');
        if (!containers.has(id)) return; // removed meanwhile
        const printed = Buffer.from(output?.(spec, run) ?? '');
        const { timedOut, outOfMemory } = { ...ENDED, ...ending?.(spec) };
        const ended = { timedOut, outOfMemory, forwardedBytes: printed.length };
        const line = JSON.stringify({ ...RESULT, exitStatus, ...ended, ...result?.(spec, run) });
        onOutput('stdout', Buffer.concat([Buffer.from(`${line}\n`), printed]));
      };
      return { write: (request) => void answer(request), ended: new Promise(() => undefined) };
    },
    async copyOut(id, path) {
      const passed = pass('copyOut', containers.get(id), path);
      if (path === RUN_PATHS.trace)
        return begun(await buffer(packFiles([{ path: 'trace', content: trace }])), passed);
      await passed;
      if (path === RUN_PATHS.profile) return packFiles([{ path: 'profile', content: profile }]);
      if (path.endsWith('trace-events-all'))
        return packFiles([{ path: 'trace-events-all', content: EVENTS_FILE }]);
      return packFiles(
        path === PATHS.prefix
          ? [{ path: 'qemu/bin/qemu-system-x86_64', content: 'binary', executable: true }]
          : [],
      );
    },
    async commit(_, tag) {
      made.add(tag);
    },
    async remove(id) {
      await pass('remove', containers.get(id), '');
      containers.delete(id);
    },
    async createVolume(name, labels) {
      // The compiler cache belongs to no job.
      if (Object.keys(labels).length > 0) volumes.set(name, labels);
    },
    async removeVolume(name) {
      volumes.delete(name);
    },
    labelled: async (label) =>
      [
        ...[...containers.values()].map(({ labels }) => ({ ...labels })),
        ...volumes.values(),
      ].filter((labels) => label in labels),
    async sweep(labels) {
      await pass('sweep', undefined, '');
      const found = { containers: 0, volumes: 0 };
      for (const [id, spec] of containers)
        if (has(spec.labels, labels) && containers.delete(id)) found.containers += 1;
      for (const [name, volumeLabels] of volumes)
        if (has(volumeLabels, labels) && volumes.delete(name)) found.volumes += 1;
      return found;
    },
  };
}

/** The argument vector of a request to the runner (worker/measure/runner-protocol.ts). */
function argumentsOf(request: Buffer): string[] {
  const [line] = request.toString('utf8').split('\n', 1);
  const count = Number(line!.split(' ')[6]);
  return request
    .toString('utf8')
    .slice(line!.length + 1)
    .split('\0')
    .slice(0, count);
}

/** A stream in two halves, the second after a release. */
function begun(content: Buffer, rest: Promise<unknown>): Readable {
  const half = content.length / 2;
  const stream = new PassThrough();
  stream.write(content.subarray(0, half));
  void rest.then(() => stream.end(content.subarray(half)));
  return stream;
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );
}
