import { QibenchError } from '../../services/contract/error.js';
import type { Step } from '../../services/contract/job-event.js';
import type { ContainerSpec, Ending } from '../engine/engine.js';
import type { StepContext, Limits } from '../step-context.js';

export interface ScriptOptions {
  readonly step: Step;
  readonly what: string;
  /** Those that the container was made with. */
  readonly limits: Limits;
  /** What of a user's is compiled here, as errors call it: a limit that is reached is then its author's error. Null: all is ours. */
  readonly uploaded: string | null;
}

/** What a script's container printed and how it ended; `lines` keeps the last of them for error messages. */
export interface ScriptResult {
  readonly exitStatus: number;
  readonly lines: readonly string[];
}

const KEPT_LINES = 2_000;
const LINE_CHARACTERS = 4_096;
/** Of one step; a job's log has a limit of its own, but what is beyond that would still be handed on. */
export const STEP_LOG_BYTES = 4 * 1024 * 1024;

/**
 * Run a prepared container to its end, logging its output and turning ninja's `[n/m]` into progress.
 * Errors: OVER_LIMIT where uploaded code reached a limit, else STEP_TIMED_OUT; and what the backend reports. A non-zero
 * exit is the caller's to judge.
 */
export async function runScript(
  context: StepContext,
  container: string,
  options: ScriptOptions,
): Promise<ScriptResult> {
  const { step, what, limits } = options;
  const lines: string[] = [];
  let rest = '';
  let loggedBytes = 0;
  const log = (chunk: Buffer) => {
    if (loggedBytes >= STEP_LOG_BYTES) return;
    loggedBytes += chunk.length;
    context.progress.log(step, chunk.toString('utf8'));
    if (loggedBytes >= STEP_LOG_BYTES)
      context.progress.cut(step, `the log of ${step} ${what}`, STEP_LOG_BYTES);
  };
  const onLine = (line: string) => {
    const ninja = /^\[(\d{1,9})\/(\d{1,9})\]/.exec(line);
    if (ninja !== null) context.progress.advanced(step, what, Number(ninja[1]), Number(ninja[2]));
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
  };
  const ending = await context.backend.run(container, {
    timeoutMs: limits.timeMs,
    diskBytes: limits.diskBytes,
    signal: context.signal,
    onOutput: (_, chunk) => {
      log(chunk);
      const parts = (rest + chunk.toString('utf8'))
        .split('\n')
        .map((line) => line.slice(0, LINE_CHARACTERS));
      rest = parts.pop() ?? '';
      parts.forEach(onLine);
    },
  });
  if (rest !== '') onLine(rest);
  const reached = reachedLimit(ending, limits);
  if (reached !== null && options.uploaded !== null)
    throw new QibenchError('OVER_LIMIT', { what: options.uploaded, step, limit: reached });
  if (ending.timedOut)
    throw new QibenchError('STEP_TIMED_OUT', {
      step: `${step} ${what}`,
      limitSeconds: limits.timeMs / 1000,
    });
  return { exitStatus: ending.exitStatus, lines };
}

/** A process that was ended for its memory is no failure where the script went on and ended well. */
function reachedLimit(ending: Ending, limits: Limits): string | null {
  if (ending.outOfDisk) return `${limits.diskBytes} bytes of disk`;
  if (ending.timedOut) return `${limits.timeMs / 1000} s`;
  if (ending.outOfMemory && ending.exitStatus !== 0) return `${limits.memoryBytes} bytes of memory`;
  return null;
}

/**
 * The command of a `sh -e` script and its arguments. What a script runs may be killed, by uploaded code or where memory
 * runs out, and a shell ends with the same 137 as if it had been killed itself. It ends with 1 instead: 137 is left to
 * mean that somebody outside killed the container.
 */
export function shell(script: string, ...given: readonly string[]): string[] {
  return ['sh', '-ec', `trap 'test $? != 137 || exit 1' EXIT\n${script}`, 'sh', ...given];
}

/** What differs between the containers of steps. */
export type ContainerRequest = Pick<ContainerSpec, 'image' | 'command' | 'user' | 'network'> &
  Partial<Pick<ContainerSpec, 'workingDir' | 'mounts'>> & { readonly limits: Limits };

/** A container of a step, which is removed when it is disposed of. */
export interface Container extends AsyncDisposable {
  readonly id: string;
}

/** Creates the container of a step, for `await using`. */
export async function openContainer(
  context: StepContext,
  { limits, ...spec }: ContainerRequest,
): Promise<Container> {
  context.signal.throwIfAborted();
  const id = await context.backend.create({
    workingDir: '/qemu',
    ...spec,
    memoryBytes: limits.memoryBytes,
    pids: limits.pids,
    fileBytes: limits.diskBytes,
    readOnlyRoot: false,
    labels: context.labels,
  });
  return { id, [Symbol.asyncDispose]: () => context.backend.remove(id) };
}

export function lastLine(result: ScriptResult): string {
  return result.lines.findLast((line) => line.trim() !== '') ?? '(no output)';
}
