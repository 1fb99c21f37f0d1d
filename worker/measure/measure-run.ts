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
import { parseRunnerResult } from './output/runner-result.js';
import { parseRunOutput, type RunOutput } from './output/run-output.js';
import { parseCpuList } from '../host/cpuset.js';
import { OUTPUT_LIMIT_BYTES, RUN_PATHS, runCommand } from './command.js';

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
  const container = await context.backend.create({
    image: request.image,
    command: runCommand(
      request.target,
      request.variant,
      request.workload,
      request.definition,
      request.wrapper,
    ),
    user: '65534:65534',
    workingDir: '/tmp',
    network: 'none',
    readOnlyRoot: true,
    memoryBytes: RUN_LIMITS.memoryBytes,
    tmpBytes: RUN_LIMITS.tmpBytes,
    pids: RUN_LIMITS.pids,
    fileBytes: RUN_LIMITS.fileBytes,
    cpuset: request.cpuset,
    perf: true,
    mounts,
    labels: context.labels,
  });
  try {
    const startedAt = new Date().toISOString();
    const { stdout, stderr, outOfMemory, timedOut } = await runContainer(
      context,
      container,
      request.workload.timeoutSeconds,
    );
    const names = { workload: request.workload.label, variant: shownVariant(request.variant) };
    if (timedOut)
      throw new QibenchError('RUN_TIMED_OUT', {
        ...names,
        limitSeconds: request.workload.timeoutSeconds,
      });
    if (outOfMemory)
      throw new QibenchError('RUN_OUT_OF_MEMORY', { ...names, limitBytes: RUN_LIMITS.memoryBytes });
    const output = parseRunOutput(stderr, request.variant.plugin);
    if (
      output.metrics.length > OUTPUT_NAMES ||
      Object.keys(output.events ?? {}).length > OUTPUT_NAMES
    )
      throw new QibenchError('TOO_MANY_METRICS', { ...names, limit: OUTPUT_NAMES });
    const result = judge(parseRunnerResult(stdout), request, { ...output, stderr });
    // What it reported in between is not known.
    if (result.outputTruncated)
      context.progress.cut(
        'measure',
        `the output of a run of ${names.variant} with ${names.workload}`,
        OUTPUT_LIMIT_BYTES,
      );
    const measured = {
      ...output,
      startedAt,
      output: stderr,
      result,
      noise: noiseOf(result, parseCpuList(request.cpuset)!),
    };
    return await afterwards(container, measured);
  } finally {
    await context.backend.remove(container);
  }
}

async function runContainer(context: BuildContext, container: string, timeoutSeconds: number) {
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const bytes = { stdout: 0, stderr: 0 };
  const ending = await context.backend.run(container, {
    // The runner enforces the limit; this one is for a runner that cannot.
    timeoutMs: timeoutSeconds * 1000 + 30_000,
    signal: context.signal,
    onOutput: (stream, chunk) => {
      bytes[stream] += chunk.length;
      if (bytes[stream] <= 2 * OUTPUT_LIMIT_BYTES) output[stream].push(Buffer.from(chunk));
    },
  });
  return {
    ...ending,
    stdout: Buffer.concat(output.stdout).toString('utf8'),
    stderr: Buffer.concat(output.stderr).toString('utf8'),
  };
}

function judge(
  result: RunResult,
  request: RunRequest,
  output: RunOutput & { stderr: string },
): RunResult & { exitStatus: number } {
  const names = { workload: request.workload.label, variant: shownVariant(request.variant) };
  if (result.timedOut)
    throw new QibenchError('RUN_TIMED_OUT', {
      ...names,
      limitSeconds: request.workload.timeoutSeconds,
    });
  if (result.exitStatus !== request.definition.run.exitStatus) {
    const ending =
      result.error ??
      (result.signal === null ? `exit status ${result.exitStatus}` : `signal ${result.signal}`);
    const tail = output.stderr.trimEnd().split('\n').slice(-5).join(' | ').slice(-1000) || '(none)';
    throw new QibenchError('RUN_FAILED', {
      ...names,
      ending,
      expected: request.definition.run.exitStatus,
      tail,
    });
  }
  const missing = request.definition.run.requiredMetrics.find(
    (name) => !output.metrics.some((metric) => metric.name === name),
  );
  if (missing !== undefined)
    throw new QibenchError('METRIC_MISSING', { ...names, metric: missing });
  return { ...result, exitStatus: result.exitStatus };
}
