// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { KILLED } from '../engine/docker-killed.js';
import type { Channel, ContainerSpec } from '../engine/engine.js';
import { RUN_LIMITS, type StepContext } from '../step-context.js';
import {
  answerReader,
  encodeRequest,
  type RunnerAnswer,
  type RunnerRequest,
} from './runner-protocol.js';

/** Properties that differ between the containers of runners; limits default to RUN_LIMITS. */
export type RunnerSpec = Pick<ContainerSpec, 'image'> &
  Partial<
    Pick<
      ContainerSpec,
      'cpuset' | 'mounts' | 'hostPaths' | 'memoryBytes' | 'tmpBytes' | 'pids' | 'realTimePriority'
    >
  >;

/**
 * The runner itself was ended at a limit of its container. Only a hostile program can cause this.
 */
export class RunnerLost extends Error {
  constructor(readonly limit: 'time' | 'memory') {
    super(`the runner reached its limit of ${limit}`);
  }
}

/**
 * Time from the program's limit to the container's end, for a runner that cannot stop its program.
 */
const GRACE_MS = 30_000;
/** Time limit of a recorder's two programs together (BESIDE_NS of the runner). */
const RECORDER_MS = 240_000;
const STDERR_CHARACTERS = 1_000;

type Context = Pick<StepContext, 'backend' | 'labels' | 'signal'>;

/** Starts a runner's container (dockerfiles/runner/qibench-run.c); the caller disposes it. */
export async function openRunner(context: Context, spec: RunnerSpec): Promise<Runner> {
  context.signal.throwIfAborted();
  const { backend, labels } = context;
  const container = await backend.create({
    ...RUN_LIMITS,
    ...spec,
    command: ['qibench-run'],
    user: '65534:65534',
    workingDir: '/tmp',
    network: 'none',
    readOnlyRoot: true,
    interactive: true,
    perf: true,
    labels,
  });
  try {
    const oneRun = spec.mounts?.some(({ readOnly }) => !readOnly) === true;
    return await Runner.open(context, container, oneRun);
  } catch (error) {
    await backend.remove(container);
    throw error;
  }
}

/** A container that runs and measures programs, each in a fresh process, one at a time. */
export class Runner implements AsyncDisposable {
  #spent = false;
  #channel!: Channel;
  #stderr = '';
  #failure: Error | null = null;
  #answer: { resolve(answer: RunnerAnswer): void; reject(error: unknown): void } | null = null;

  private constructor(
    private readonly context: Context,
    /** The container's id. */
    readonly container: string,
    private readonly oneRun: boolean,
  ) {}

  /** Starts a container that was created with the runner as its command. */
  static async open(context: Context, container: string, oneRun: boolean): Promise<Runner> {
    const runner = new Runner(context, container, oneRun);
    const fail = (error: Error) => {
      runner.#failure ??= error;
      runner.#answer?.reject(error);
    };
    const read = answerReader((answer) => runner.#answer?.resolve(answer));
    runner.#channel = await context.backend.open(container, (stream, chunk) => {
      if (stream === 'stderr')
        runner.#stderr = (runner.#stderr + chunk.toString('utf8')).slice(-STDERR_CHARACTERS);
      else
        try {
          read(chunk);
        } catch (error) {
          fail(error as Error);
        }
    });
    runner.#channel.ended.then((ending) => fail(runner.#lost(ending)), fail);
    return runner;
  }

  /**
   * False if another run must not use the container: it has leftovers of a run, it has a writable
   * mount, or its last run did not finish.
   */
  get reusable(): boolean {
    return !this.#spent;
  }

  /**
   * Runs a program in a fresh process and measures it. If the run does not finish, the container is
   * removed.
   *
   * @throws {RunnerLost} The container reached one of its limits.
   * @throws {DOCKER_UNREACHABLE} The engine does not answer.
   * @throws {KILLED_FROM_WITHIN} The program killed the runner.
   * @throws {DOCKER_FAILED} The runner ended unexpectedly.
   * @throws {INTERNAL} A request or an answer is malformed.
   * @throws The signal's reason when it aborts.
   */
  async run(
    request: RunnerRequest,
    signal: AbortSignal = this.context.signal,
  ): Promise<RunnerAnswer> {
    signal.throwIfAborted();
    if (this.#spent || this.#answer !== null)
      throw new QibenchError('INTERNAL', {
        reason: 'a runner was used while it was busy or after its last run',
      });
    const bytes = encodeRequest(request);
    let timer: NodeJS.Timeout | undefined;
    let onAbort: (() => void) | undefined;
    try {
      const answer = await new Promise<RunnerAnswer>((resolve, reject) => {
        this.#answer = { resolve, reject };
        const besideMs = request.recorder === undefined ? 0 : RECORDER_MS;
        timer = setTimeout(
          () => reject(new RunnerLost('time')),
          request.timeoutMs + besideMs + GRACE_MS,
        );
        onAbort = () => reject(signal.reason as Error);
        signal.addEventListener('abort', onAbort, { once: true });
        if (this.#failure !== null) return reject(this.#failure);
        this.#channel.write(bytes);
      });
      this.#spent = this.oneRun || answer.result.leftBehind !== null;
      return answer;
    } catch (error) {
      this.#spent = true;
      await this[Symbol.asyncDispose]();
      throw error;
    } finally {
      this.#answer = null;
      clearTimeout(timer);
      if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
    }
  }

  /** Removes the container and its processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#spent = true;
    await this.context.backend.remove(this.container);
  }

  #lost({ exitStatus, outOfMemory, killedFromWithin }: Awaited<Channel['ended']>): Error {
    if (outOfMemory) return new RunnerLost('memory');
    if (killedFromWithin) return new QibenchError('KILLED_FROM_WITHIN');
    const reason =
      exitStatus === KILLED
        ? 'something outside of the container killed it'
        : `the runner ended with exit status ${exitStatus}: ${this.#stderr.trim() || '(no output)'}`;
    return new QibenchError('DOCKER_FAILED', {
      operation: 'to run a container to its end',
      reason,
    });
  }
}
