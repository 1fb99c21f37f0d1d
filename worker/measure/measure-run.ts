import { QibenchError } from '../../services/contract/error.js';
import type { PlannedWorkload } from '../../services/contract/job.js';
import type { Target } from '../../services/contract/qemu.js';
import type { Noise, RunResult } from '../../services/contract/sample.js';
import { shownVariant } from '../../services/contract/side.js';
import type { Variant } from '../../services/contract/variant.js';
import type { WorkloadDefinition } from '../../services/contract/workload.js';
import type { Mount } from '../engine/engine.js';
import { RUN_LIMITS, type BuildContext } from '../step-context.js';
import { noiseOf } from './output/noise.js';
import { parseRunOutput, type RunOutput } from './output/run-output.js';
import { parseCpuList } from '../host/cpuset.js';
import { OUTPUT_LIMIT_BYTES, RUN_ENVIRONMENT, RUN_PATHS, runCommand } from './command.js';
import { openRunner, RunnerLost, type RunnerAnswer } from './runner.js';

/** So many metrics, and so many events, a run may report. */
const OUTPUT_NAMES = 4_096;

export interface RunRequest {
  readonly target: Target;
  readonly variant: Variant;
  readonly workload: PlannedWorkload;
  readonly definition: WorkloadDefinition;
  readonly image: string;
  readonly workloadVolume: string;
  readonly instrumentationVolume: string;
  /** Where a trace is written; a volume of this run alone. */
  readonly outputVolume: string | null;
  /** The CPUs to run on, in list syntax. */
  readonly cpuset: string;
  /** Program with arguments that QEMU is to run under; absent where time is measured. */
  readonly wrapper?: readonly string[];
}

export interface Measured extends RunOutput {
  readonly result: RunResult & { exitStatus: number };
  readonly noise: Noise;
  /** What QEMU, guest and wrapper printed. */
  readonly output: string;
  readonly startedAt: string;
}

/**
 * Run one variant with one workload once, in a fresh container; `afterwards` reads what it left before it is removed.
 * Errors: RUN_TIMED_OUT, RUN_OUT_OF_MEMORY, RUN_FAILED, METRIC_MISSING name the workload and the variant.
 */
export async function measure<T>(
  context: BuildContext,
  request: RunRequest,
  afterwards: (container: string, measured: Measured) => Promise<T>,
): Promise<T> {
  const mounts: Mount[] = [
    { volume: request.workloadVolume, path: RUN_PATHS.workload, readOnly: true },
    { volume: request.instrumentationVolume, path: RUN_PATHS.instrumentation, readOnly: true },
    ...(request.outputVolume === null
      ? []
      : [{ volume: request.outputVolume, path: RUN_PATHS.output, readOnly: false }]),
  ];
  const names = { workload: request.workload.label, variant: shownVariant(request.variant) };
  const timedOut = () =>
    new QibenchError('RUN_TIMED_OUT', {
      ...names,
      limitSeconds: request.workload.timeoutSeconds,
    });
  const outOfMemory = () =>
    new QibenchError('RUN_OUT_OF_MEMORY', { ...names, limitBytes: RUN_LIMITS.memoryBytes });
  await using runner = await openRunner(context, {
    image: request.image,
    cpuset: request.cpuset,
    mounts,
  });
  const startedAt = new Date().toISOString();
  const answer = await runner
    .run({
      command: runCommand(
        request.target,
        request.variant,
        request.workload,
        request.definition,
        request.wrapper,
      ),
      environment: RUN_ENVIRONMENT,
      timeoutMs: request.workload.timeoutSeconds * 1000,
      outputLimitBytes: OUTPUT_LIMIT_BYTES,
      cpu: null,
      stackBytes: null,
      fifoPriority: null,
    })
    .catch((error: unknown) => {
      if (!(error instanceof RunnerLost)) throw error;
      throw error.limit === 'time' ? timedOut() : outOfMemory();
    });
  if (answer.result.timedOut) throw timedOut();
  if (answer.result.outOfMemory === true) throw outOfMemory();
  const output = parseRunOutput(answer.output, request.variant.plugin);
  if (
    output.metrics.length > OUTPUT_NAMES ||
    Object.keys(output.events ?? {}).length > OUTPUT_NAMES
  )
    throw new QibenchError('TOO_MANY_METRICS', { ...names, limit: OUTPUT_NAMES });
  const result = judge(answer, request, output);
  // What it reported in between is not known.
  if (result.outputTruncated)
    context.progress.cut(
      'measure',
      `the output of a run of ${names.variant} with ${names.workload}`,
      OUTPUT_LIMIT_BYTES,
    );
  return await afterwards(runner.container, {
    ...output,
    startedAt,
    output: answer.output,
    result,
    noise: noiseOf(result, parseCpuList(request.cpuset)!),
  });
}

function judge(
  { result, output }: RunnerAnswer,
  request: RunRequest,
  { metrics }: RunOutput,
): RunResult & { exitStatus: number } {
  const names = { workload: request.workload.label, variant: shownVariant(request.variant) };
  if (result.exitStatus !== request.definition.run.exitStatus) {
    const ending =
      result.error ??
      (result.signal === null ? `exit status ${result.exitStatus}` : `signal ${result.signal}`);
    const tail = output.trimEnd().split('\n').slice(-5).join(' | ').slice(-1000) || '(none)';
    throw new QibenchError('RUN_FAILED', {
      ...names,
      ending,
      expected: request.definition.run.exitStatus,
      tail,
    });
  }
  const missing = request.definition.run.requiredMetrics.find(
    (name) => !metrics.some((metric) => metric.name === name),
  );
  if (missing !== undefined)
    throw new QibenchError('METRIC_MISSING', { ...names, metric: missing });
  return { ...result, exitStatus: result.exitStatus };
}
