// SPDX-License-Identifier: GPL-2.0-or-later
import type { Readable } from 'node:stream';

/** Labels of our containers, volumes and images; the sweeper finds them by these. */
export const LABEL = {
  owner: 'qibench',
  job: 'qibench.job',
  epoch: 'qibench.epoch',
  key: 'qibench.key',
} as const;

/**
 * Names of images that jobs choose: toolchains with a compiler of theirs and sources in these, exact
 * packages, fetched and patched sources, uploaded workloads. Every user who may submit jobs can create
 * many. A worker evicts them like builds and pushes none to a registry.
 */
export const UPLOADED_CONTENT =
  /^qibench\/(?:toolchain:[^:]+-chosen-|source:(?:fetched-|[^:]+-(?:patched|chosen)-)|port:|workload:uploaded-)/;

/** A volume that a container mounts. */
export interface Mount {
  readonly volume: string;
  readonly path: string;
  readonly readOnly: boolean;
}

/** A container to create. */
export interface ContainerSpec {
  readonly image: string;
  /** Argument vector; never a shell string built from user input. */
  readonly command: readonly string[];
  readonly user: string;
  readonly workingDir?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * `archive` reaches Debian's archive and has apt's rights; `sources` reaches the hosts of sources.
   * Both are for our own steps only; uploaded code always gets `none`.
   */
  readonly network: 'none' | 'archive' | 'sources';
  readonly readOnlyRoot: boolean;
  readonly memoryBytes: number;
  readonly pids: number;
  /** Size limit of one file; on a volume, the only limit. */
  readonly fileBytes: number;
  /** Limit of the root file system; a quota where the engine has quotas. Absent: none. */
  readonly rootBytes?: number;
  /** CPUs to pin to, in the kernel's list syntax; absent = all. Never combined with a quota. */
  readonly cpuset?: string;
  /** Keeps standard input open until the attached client detaches. */
  readonly interactive?: boolean;
  /** Highest SCHED_FIFO priority that its processes may request; absent: none. */
  readonly realTimePriority?: number;
  /**
   * Allows its processes to open hardware counters on themselves (perf_event_open), if the worker
   * permits it (QIBENCH_PERF).
   */
  readonly perf?: boolean;
  readonly mounts?: readonly Mount[];
  /** Files and folders of the host that it sees at the same paths, where the operator allows it. */
  readonly hostPaths?: readonly string[];
  /**
   * Id of a container whose programs it may trace: it shares the processes of that container, and has
   * the rights that bpftrace needs. For our own programs only.
   */
  readonly traces?: string;
  /** Size of a private /tmp. */
  readonly tmpBytes?: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** Limits and output of a container's run. */
export interface RunOptions {
  readonly timeoutMs: number;
  /**
   * Limit for the bytes written to the root file system, polled every second; absent: no limit.
   * With a limit, the container also ends before the engine's disk is full.
   */
  readonly diskBytes?: number;
  readonly signal?: AbortSignal;
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
}

/** How a container ended. */
export interface Ending {
  readonly exitStatus: number;
  readonly outOfMemory: boolean;
  readonly timedOut: boolean;
  /** It exceeded its limit, or it filled the engine's disk. */
  readonly outOfDisk: boolean;
}

/** Connection to a running container. */
export interface Channel {
  /** Writes to the container's standard input. */
  write(bytes: Buffer): void;
  /**
   * Settles when the container has ended, for any reason.
   * @throws {DOCKER_UNREACHABLE} The engine lost the container.
   */
  readonly ended: Promise<
    Pick<Ending, 'exitStatus' | 'outOfMemory'> & { readonly killedFromWithin: boolean }
  >;
}

/** A transfer to or from a registry. */
export interface Transfer {
  /** Repository with the registry's host: `registry.example:5000/qibench/tree`. */
  readonly repository: string;
  /** Null: the registry needs no credentials. */
  readonly credentials: { readonly username: string; readonly password: string } | null;
  readonly signal: AbortSignal;
}

/**
 * Runs containers. Life of a container: create → copyIn* → run → copyOut* | commit → remove.
 * `run` settles only after the container has ended. `remove` may be called at any time and
 * repeatedly. When a signal aborts, the container is killed and the call rejects with the signal's
 * reason.
 *
 * @throws {DOCKER_UNREACHABLE} The engine does not answer.
 * @throws {DOCKER_FAILED} The engine refuses a request.
 * @throws {UNAVAILABLE} Others have filled the engine's disk.
 * @throws {KILLED_FROM_WITHIN} Code in a container killed the container's first process.
 */
export interface Engine {
  /** Returns the versions: `runtime` is the version of runc, or the name of another runtime. */
  version(): Promise<{ engine: string; runtime: string }>;
  /** Returns the engine's id and its data folder on its machine. */
  engine(): Promise<{ id: string; dataFolder: string }>;
  /**
   * Lists the cached images and volumes that outlive jobs: builds, trees, fetched and patched sources,
   * workload   * images, compiler cache. Takes the engine some seconds.
   */
  listCached(): Promise<
    { name: string; kind: 'image' | 'volume'; bytes: number; createdMs: number }[]
  >;
  /**
   * Removes unused build images without a name. An image loses its name when another image takes
   * its tag, or when its own removal stops half-way, as on a full disk.
   *
   * @param olderThanMs Minimum age, by the engine's clock.
   * @returns Ids of the removed images.
   */
  removeDangling(olderThanMs: number): Promise<string[]>;
  /** Removes a cached image or volume. Returns false if a container uses it. */
  evict(name: string, kind: 'image' | 'volume'): Promise<boolean>;
  hasImage(tag: string): Promise<boolean>;
  /**
   * Returns the id of the image that the tag names now: sha256:… over the image's configuration.
   */
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
  /** Pushes an image; its local name does not change. Returns its digest in the registry. */
  pushImage(tag: string, to: Transfer): Promise<string>;
  /** Pulls the image with exactly this digest and tags it. */
  pullDigest(digest: string, tag: string, from: Transfer): Promise<void>;
  create(spec: ContainerSpec): Promise<string>;
  copyIn(container: string, path: string, tar: Readable | Buffer): Promise<void>;
  /**
   * Returns a tar of one file or folder; hostile if the container ran uploaded code.
   * @throws {NOT_FOUND} The path does not exist.
   */
  copyOut(container: string, path: string): Promise<Readable>;
  run(container: string, options: RunOptions): Promise<Ending>;
  /** Starts a container that was created `interactive`; `remove` ends it. */
  open(container: string, onOutput: RunOptions['onOutput']): Promise<Channel>;
  commit(container: string, tag: string, labels: Record<string, string>): Promise<void>;
  remove(container: string): Promise<void>;
  createVolume(name: string, labels: Record<string, string>): Promise<void>;
  removeVolume(name: string): Promise<void>;
  /** Returns the labels of every container and volume that has this label. */
  labelled(label: string): Promise<Record<string, string>[]>;
  /** Removes every container and volume that has all the labels. Returns how many it removed. */
  sweep(labels: Record<string, string>): Promise<{ containers: number; volumes: number }>;
}
