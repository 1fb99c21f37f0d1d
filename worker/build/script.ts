// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import type { Step } from '#contract/job-event.js';
import type { ContainerSpec, Ending } from '../engine/engine.js';
import type { StepContext, Limits } from '../step-context.js';

/** How a script is run and reported. */
export interface ScriptOptions {
  readonly step: Step;
  readonly what: string;
  /** Limits that the container was created with. */
  readonly limits: Limits;
  /**
   * Name of the uploaded code in error messages: a limit that is reached is then the user's error.
   * Null: only our own code runs.
   */
  readonly uploaded: string | null;
}

/** Result of a script; `lines` has the last lines of its output, for error messages. */
export interface ScriptResult {
  readonly exitStatus: number;
  readonly lines: readonly string[];
}

const KEPT_LINES = 2_000;
const LINE_CHARACTERS = 4_096;
/**
 * Log limit of one step. The job's log has its own limit, but bytes beyond it would still be passed
 * on.
 */
export const STEP_LOG_BYTES = 4 * 1024 * 1024;

/**
 * Runs a prepared container to its end, logs its output and reports ninja's `[n/m]` as progress.
 * The caller handles a non-zero exit status.
 *
 * @throws {OVER_LIMIT} Uploaded code reaches a limit.
 * @throws {STEP_TIMED_OUT} Our own code reaches the time limit.
 * @throws The engine's errors.
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
      context.progress.truncated(step, `the log of ${step} ${what}`, STEP_LOG_BYTES);
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

/** An out-of-memory kill does not count if the script continued and succeeded. */
function reachedLimit(ending: Ending, limits: Limits): string | null {
  if (ending.outOfDisk) return `${limits.diskBytes} bytes of disk (or the host's free disk)`;
  if (ending.timedOut) return `${limits.timeMs / 1000} s`;
  if (ending.outOfMemory && ending.exitStatus !== 0) return `${limits.memoryBytes} bytes of memory`;
  return null;
}

/**
 * Returns the command that runs a script with `sh -e` and arguments. When a program of the script
 * is killed (by uploaded code, or for its memory), the shell would exit with 137, as if it had been
 * killed itself. It exits with 1 instead, so that 137 always means: the container was killed from
 * outside.
 */
export function shell(script: string, ...args: readonly string[]): string[] {
  return ['sh', '-ec', `trap 'test $? != 137 || exit 1' EXIT\n${script}`, 'sh', ...args];
}

/** Properties that differ between the containers of steps. */
export type ContainerRequest = Pick<ContainerSpec, 'image' | 'command' | 'user' | 'network'> &
  Partial<Pick<ContainerSpec, 'workingDir' | 'mounts'>> & { readonly limits: Limits };

/** A step's container; disposing removes it. */
export interface Container extends AsyncDisposable {
  readonly id: string;
}

/** Creates a step's container, for `await using`. */
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
    rootBytes: limits.diskBytes,
    readOnlyRoot: false,
    labels: context.labels,
  });
  return { id, [Symbol.asyncDispose]: () => context.backend.remove(id) };
}

/** Returns the last line of a script's output that is not blank. */
export function lastLine(result: ScriptResult): string {
  return result.lines.findLast((line) => line.trim() !== '') ?? '(no output)';
}
