import type { RunResult } from '../../services/contract/sample.js';
import type { ContainerSpec } from '../backend/backend.js';
import type { BuildContext } from '../build/context.js';

/** One run of one program in a runner's container. */
export interface RunnerRequest {
  /** Argument vector; a name without a slash is looked up in the PATH of the image. */
  readonly command: readonly string[];
  /** The whole environment of the program, in this order. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Bytes of output to keep: half from its beginning, half from its end. */
  readonly outputLimitBytes: number;
  /** The one CPU to run on; null: all of the container's. */
  readonly cpu: number | null;
  /** Soft limit of the stack, which moves where the program's mappings begin; null: the container's. */
  readonly stackBytes: number | null;
  /** Priority under SCHED_FIFO, 1 to 99; null: the usual scheduling. */
  readonly fifoPriority: number | null;
}

export interface RunnerAnswer {
  readonly result: RunResult;
  /** What the program printed on stdout and stderr, within the limit. */
  readonly output: string;
}

/** What differs between the containers of runners; limits are RUN_LIMITS unless given. */
export type RunnerSpec = Pick<ContainerSpec, 'image'> &
  Partial<
    Pick<
      ContainerSpec,
      'cpuset' | 'mounts' | 'memoryBytes' | 'tmpBytes' | 'pids' | 'realTimePriority'
    >
  >;

export declare class Runner implements AsyncDisposable {
  /** The container's id. */
  readonly container: string;
  /** False once a run left something behind or the container was lost, and after the only run with a writable mount. */
  get reusable(): boolean;
  /**
   * Runs one program in a fresh process and measures it. One run at a time.
   *
   * @throws RunnerLost where the runner itself ran out of memory or overran the time limit; its container is killed
   * @throws QibenchError DOCKER_UNREACHABLE, DOCKER_FAILED, INTERNAL for an answer that is none
   */
  run(request: RunnerRequest, signal?: AbortSignal): Promise<RunnerAnswer>;
  /** Removes the container. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts the container of a runner. */
export declare function openRunner(
  context: Pick<BuildContext, 'backend' | 'labels' | 'signal'>,
  spec: RunnerSpec,
): Promise<Runner>;
