import { QibenchError } from '../../services/contract/error.js';
import type { Step } from '../../services/contract/job-event.js';
import { BUILD_LIMITS, type BuildContext } from './context.js';

export interface ScriptOptions {
  readonly step: Step;
  readonly what: string;
  readonly limitMs: number;
}

/** What a script's container printed and how it ended; `lines` keeps the last of them for error messages. */
export interface ScriptResult {
  readonly exitStatus: number;
  readonly lines: readonly string[];
}

const KEPT_LINES = 2_000;

/**
 * Run a prepared container to its end, logging its output line by line and turning ninja's `[n/m]` into progress.
 * Errors: STEP_TIMED_OUT, and what the backend reports. A non-zero exit is the caller's to judge.
 */
export async function runScript(context: BuildContext, container: string, options: ScriptOptions): Promise<ScriptResult> {
  const lines: string[] = [];
  let rest = '';
  const onLine = (line: string) => {
    const ninja = /^\[(\d+)\/(\d+)\]/.exec(line);
    if (ninja !== null) context.progress.advanced(options.step, options.what, Number(ninja[1]), Number(ninja[2]));
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
  };
  const ending = await context.backend.run(container, {
    timeoutMs: options.limitMs,
    signal: context.signal,
    onOutput: (_, chunk) => {
      const text = chunk.toString('utf8');
      context.progress.log(options.step, text);
      const parts = (rest + text).split('\n');
      rest = (parts.pop() ?? '').slice(-64 * 1024);
      parts.forEach(onLine);
    },
  });
  if (rest !== '') onLine(rest);
  if (ending.timedOut) throw new QibenchError('STEP_TIMED_OUT', { step: `${options.step} ${options.what}`, limitSeconds: options.limitMs / 1000 });
  return { exitStatus: ending.exitStatus, lines };
}

/** Use a container and remove it whatever happens. */
export async function withContainer<T>(context: BuildContext, spec: ContainerRequest, use: (container: string) => Promise<T>): Promise<T> {
  context.signal.throwIfAborted();
  const container = await context.backend.create({
    workingDir: '/qemu',
    memoryBytes: BUILD_LIMITS.memoryBytes,
    pids: BUILD_LIMITS.pids,
    readOnlyRoot: false,
    ...spec,
    labels: context.labels,
  });
  try {
    return await use(container);
  } finally {
    await context.backend.remove(container);
  }
}

export type ContainerRequest = Pick<Parameters<BuildContext['backend']['create']>[0], 'image' | 'command' | 'user' | 'network'> &
  Partial<Parameters<BuildContext['backend']['create']>[0]>;

export function lastLine(result: ScriptResult): string {
  return result.lines.findLast((line) => line.trim() !== '') ?? '(no output)';
}

