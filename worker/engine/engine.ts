import type { Readable } from 'node:stream';

/** Labels that every container, volume and image of ours carries; the sweeper finds them by these. */
export const LABEL = {
  owner: 'qibench',
  job: 'qibench.job',
  epoch: 'qibench.epoch',
  key: 'qibench.key',
} as const;

export interface Mount {
  readonly volume: string;
  readonly path: string;
  readonly readOnly: boolean;
}

export interface ContainerSpec {
  readonly image: string;
  /** Argument vector; never a shell string made from what a user sent. */
  readonly command: readonly string[];
  readonly user: string;
  readonly workingDir?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** `archive` reaches Debian's archive and is for our own steps only; uploaded code always gets `none`. */
  readonly network: 'none' | 'archive';
  readonly readOnlyRoot: boolean;
  readonly memoryBytes: number;
  readonly pids: number;
  /** The most that one file may grow to; on a volume, the only limit. */
  readonly fileBytes: number;
  /** CPUs to pin to, in the kernel's list syntax; absent = all. Never combined with a quota. */
  readonly cpuset?: string;
  /** Its standard input is open until whoever attached to it lets go. */
  readonly interactive?: boolean;
  /** The highest priority under SCHED_FIFO that it may ask for; absent: none. */
  readonly realTimePriority?: number;
  /** It may count what its own processes do with the processor's counters, if this worker lends them. */
  readonly perf?: boolean;
  readonly mounts?: readonly Mount[];
  /** Size of a private /tmp. */
  readonly tmpBytes?: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface RunOptions {
  readonly timeoutMs: number;
  /** The most that a container may keep on a root that it can write; it is looked at every second or so. Absent: not looked at. */
  readonly diskBytes?: number;
  readonly signal?: AbortSignal;
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
}

export interface Ending {
  readonly exitStatus: number;
  readonly outOfMemory: boolean;
  readonly timedOut: boolean;
  readonly outOfDisk: boolean;
}

/** A container that runs, and what leads into it. */
export interface Channel {
  /** To its standard input. */
  write(bytes: Buffer): void;
  /**
   * Settles when the container has ended, whatever ended it.
   * @throws QibenchError DOCKER_UNREACHABLE where the engine lost it
   */
  readonly ended: Promise<Pick<Ending, 'exitStatus' | 'outOfMemory'>>;
}

/** Where in a registry, and how. */
export interface Transfer {
  /** With the registry's host: `registry.example:5000/qibench/tree`. */
  readonly repository: string;
  /** Null: the registry wants none. */
  readonly credentials: { readonly username: string; readonly password: string } | null;
  readonly signal: AbortSignal;
}

/**
 * Where containers run. Life of one: create → copyIn* → run → copyOut* | commit → remove.
 * `run` settles only when the container has ended; `remove` may be called at any time, any number of times.
 * Errors: DOCKER_UNREACHABLE, DOCKER_FAILED; an aborted signal rejects with its reason after the container was killed.
 */
export interface Engine {
  /** What runs containers: `runtime` is the version of runc, or the name of another runtime. */
  version(): Promise<{ engine: string; runtime: string }>;
  /** The engine's own name for itself, and where on its machine it keeps everything. */
  engine(): Promise<{ id: string; dataFolder: string }>;
  /** What we keep on the engine beyond jobs: builds, trees, images of workloads, the compiler cache. Takes it some seconds. */
  kept(): Promise<{ name: string; kind: 'image' | 'volume'; bytes: number; createdMs: number }[]>;
  /**
   * Remove images of builds that have no name and that nothing uses: another took it, or their own removal ended half-way,
   * as on a full disk. Returns their ids.
   *
   * @param olderThanMs by the engine's clock
   */
  removeNameless(olderThanMs: number): Promise<string[]>;
  /** False if a container uses it. */
  removeKept(name: string, kind: 'image' | 'volume'): Promise<boolean>;
  hasImage(tag: string): Promise<boolean>;
  /** The engine's own name for what the tag means now: sha256:… over the image's configuration. */
  imageId(tag: string): Promise<string>;
  imageLabels(tag: string): Promise<Record<string, string>>;
  pullImage(tag: string, signal?: AbortSignal): Promise<boolean>;
  importImage(tar: Readable, tag: string): Promise<void>;
  buildImage(
    context: Readable,
    options: {
      tag: string;
      arguments: Record<string, string>;
      labels: Record<string, string>;
      signal?: AbortSignal;
    },
    onLog: (text: string) => void,
  ): Promise<void>;
  /** Returns the digest that the registry keeps it under. The image's name here does not change. */
  pushImage(tag: string, to: Transfer): Promise<string>;
  /** An image under this tag that has exactly this digest. */
  pullDigest(digest: string, tag: string, from: Transfer): Promise<void>;
  create(spec: ContainerSpec): Promise<string>;
  copyIn(container: string, path: string, tar: Readable | Buffer): Promise<void>;
  /** A tar of one file or folder; hostile if the container ran uploaded code. Error: NOT_FOUND. */
  copyOut(container: string, path: string): Promise<Readable>;
  run(container: string, options: RunOptions): Promise<Ending>;
  /** Starts a container that was created `interactive`; `remove` ends it. */
  open(container: string, onOutput: RunOptions['onOutput']): Promise<Channel>;
  commit(container: string, tag: string, labels: Record<string, string>): Promise<void>;
  remove(container: string): Promise<void>;
  createVolume(name: string, labels: Record<string, string>): Promise<void>;
  removeVolume(name: string): Promise<void>;
  /** Labels of every container and volume that carries this one. */
  labelled(label: string): Promise<Record<string, string>[]>;
  /** Remove every container and volume that carries all the labels. */
  sweep(labels: Record<string, string>): Promise<{ containers: number; volumes: number }>;
}
