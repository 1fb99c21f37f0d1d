import { QibenchError } from '../../services/contract/error.js';
import type { RunResult } from '../../services/contract/sample.js';
import type { Channel, ContainerSpec } from '../engine/engine.js';
import { RUN_LIMITS, type StepContext } from '../step-context.js';
import { answerReader, encodeRequest } from './runner-protocol.js';

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
  /** Priority under SCHED_FIFO, 1 to the container's `realTimePriority`; null: the usual scheduling. */
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

/** The runner itself was ended at a limit of its container, which only a hostile program brings about. */
export class RunnerLost extends Error {
  constructor(readonly limit: 'time' | 'memory') {
    super(`the runner reached its limit of ${limit}`);
  }
}

/** From the program's own limit to the container's end, for a runner that cannot stop its program. */
const GRACE_MS = 30_000;
const STDERR_CHARACTERS = 1_000;
/** Exit status of a process that SIGKILL ended. */
const KILLED = 137;

type Context = Pick<StepContext, 'backend' | 'labels' | 'signal'>;

/** Starts the container of a runner (dockerfiles/runner/qibench-run.c), which the caller disposes of. */
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

/** A container in which programs are run and measured, each in a fresh process, one at a time. */
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
   * False once the container must not see another run: it holds what a run left behind, it has a mount that a run can
   * write, or the last run did not come to its end.
   */
  get reusable(): boolean {
    return !this.#spent;
  }

  /**
   * Runs a program in a fresh process and measures it. Where the run does not come to its end, the container is removed.
   *
   * @throws RunnerLost
   * @throws QibenchError DOCKER_UNREACHABLE, DOCKER_FAILED; INTERNAL for a request or an answer that is malformed
   * @throws the signal's reason when it aborts
   */
  async run(
    request: RunnerRequest,
    signal: AbortSignal = this.context.signal,
  ): Promise<RunnerAnswer> {
    signal.throwIfAborted();
    if (this.#spent || this.#answer !== null)
      throw new QibenchError('INTERNAL', { reason: 'a runner was used while or after it was' });
    const bytes = encodeRequest(request);
    let timer: NodeJS.Timeout | undefined;
    let onAbort: (() => void) | undefined;
    try {
      const answer = await new Promise<RunnerAnswer>((resolve, reject) => {
        this.#answer = { resolve, reject };
        timer = setTimeout(() => reject(new RunnerLost('time')), request.timeoutMs + GRACE_MS);
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

  /** Removes the container, with all that runs in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#spent = true;
    await this.context.backend.remove(this.container);
  }

  #lost({ exitStatus, outOfMemory }: { exitStatus: number; outOfMemory: boolean }): Error {
    if (outOfMemory) return new RunnerLost('memory');
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
