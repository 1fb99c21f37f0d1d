// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { declaredMetrics, REGION_METRICS } from '#contract/metric.js';
import type { Metric, Noise, RunResult } from '#contract/sample.js';
import type { Mount } from '../engine/engine.js';
import { formatCpuList, parseCpuList } from '../host/cpuset.js';
import { RUN_LIMITS, type StepContext } from '../step-context.js';
import {
  OUTPUT_LIMIT_BYTES,
  RUN_PATHS,
  emulatorPath,
  linkOf,
  requestedInvocation,
  runCommand,
  runEnvironment,
} from './command.js';
import { noiseOf } from './output/noise.js';
import { parseRunOutput, type RunOutput } from './output/run-output.js';
import { lentPaths, recorderEnvironment, recorderOf, writesTrace } from './recorder.js';
import { namesOf, type Run } from './run.js';
import type { RunInputs } from './run-inputs.js';
import { openRunner, RunnerLost, type Runner } from './runner.js';
import type { RunnerPool } from './runner-pool.js';
import type { RunnerAnswer } from './runner-protocol.js';
import { createOutputVolume } from './output-volume.js';
import { openTracer, type Tracer } from './tracer.js';

/** Limits of what a run reports, as stored: metrics, and counts of events. */
const METRICS_BYTES = 32 * 1024;
const EVENTS_BYTES = 256 * 1024;

/** Result of a run, with its container until it is disposed. */
export interface Measured extends RunOutput, AsyncDisposable {
  readonly result: RunResult & { exitStatus: number };
  readonly noise: Noise;
  /** Output of QEMU, guest and wrapper. */
  readonly output: string;
  /** CPUs of the run, in list syntax. */
  readonly cpus: string;
  readonly startedAt: string;
  /** Id of the container, which has the files that the run wrote. */
  readonly container: string;
}

/**
 * Runs one variant with one workload once, in a fresh process. A run that writes files has its own
 * container. The errors name the workload and the variant.
 *
 * @throws {RUN_TIMED_OUT} The run exceeds its time limit.
 * @throws {RUN_OUT_OF_MEMORY} The run exceeds its memory limit.
 * @throws {RECORDER_FAILED} A tracer cannot attach to the run, or does not count.
 * @throws {RUN_FAILED} The exit status differs from the workload's.
 * @throws {METRIC_MISSING} A required metric is missing in the output.
 * @throws {REGION_MISSING} The output lacks the texts of the workload's region.
 * @throws {METRIC_REPEATED} The output has a metric of the workload more than once.
 * @throws {TOO_MANY_METRICS} The output has more than METRICS_BYTES of metrics or
 *   EVENTS_BYTES of event counts.
 */
export async function measureRun(
  context: StepContext,
  pool: RunnerPool,
  run: Run,
  inputs: RunInputs,
): Promise<Measured> {
  const { runner, dispose } = await runnerFor(context, pool, run, inputs);
  try {
    const cpus = parseCpuList(inputs.cpuset)!;
    const cpu = run.cpuDraw === null ? null : cpus[Math.floor(run.cpuDraw * cpus.length)]!;
    const startedAt = new Date().toISOString();
    await using tracer = await tracerFor(context, run, inputs, runner);
    const answer = await answerOf(runner, run, inputs, cpu);
    const traced = (await tracer?.recorded()) ?? [];
    const printed = parseRunOutput(answer.output, run.variant.plugin);
    const output = {
      ...printed,
      metrics: [...regionMetrics(answer.result.region), ...printed.metrics, ...traced],
    };
    const result = checked(answer, run, inputs, output);
    const { workload, variant } = namesOf(run);
    if (result.outputTruncated)
      // Reports in the missing part are lost.
      context.progress.truncated(
        'measure',
        `the output of a run of ${variant} with ${workload}`,
        OUTPUT_LIMIT_BYTES,
      );
    if (result.leftBehind !== null)
      context.progress.log(
        'measure',
        `a run of ${variant} with ${workload} left behind ${result.leftBehind}: its container is replaced\n`,
      );
    const ranOn = cpu === null ? cpus : [cpu];
    return {
      metrics: lastOfEach(output.metrics),
      events: output.events,
      startedAt,
      output: answer.output,
      result,
      noise: noiseOf(result, ranOn),
      cpus: formatCpuList(ranOn),
      container: runner.container,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Returns one value of each metric: the last that was printed. */
const lastOfEach = (metrics: readonly Metric[]): Metric[] => [
  ...new Map(metrics.map((metric) => [metric.name, metric])).values(),
];

/**
 * Returns a container of the pool. A run that writes files gets its own container, which is removed
 * when the run is disposed.
 */
async function runnerFor(
  context: StepContext,
  pool: RunnerPool,
  run: Run,
  { build, workloadVolume, instrumentationVolume, cpuset, fifoPriority }: RunInputs,
): Promise<{ runner: Runner; dispose: () => Promise<void> }> {
  const mounts: Mount[] = [
    { volume: workloadVolume, path: RUN_PATHS.workload, readOnly: true },
    { volume: instrumentationVolume, path: RUN_PATHS.instrumentation, readOnly: true },
  ];
  const realTime = fifoPriority === null ? {} : { realTimePriority: fifoPriority };
  const spec = { image: build.image, cpuset, mounts, ...realTime, ...lentPaths(run.variant) };
  const files = [...(writesTrace(run.variant) ? [RUN_PATHS.trace] : []), ...run.files];
  if (files.length === 0) {
    const { workload, variant } = namesOf(run);
    return { runner: await pool.get(`${variant}\n${workload}`, spec), dispose: async () => {} };
  }
  const outputVolume = await createOutputVolume(context, build.image, files);
  const removeVolume = () => context.backend.removeVolume(outputVolume);
  try {
    const output = { volume: outputVolume, path: RUN_PATHS.output, readOnly: false };
    const runner = await openRunner(context, { ...spec, mounts: [...mounts, output] });
    return {
      runner,
      async dispose() {
        await runner[Symbol.asyncDispose]();
        await removeVolume();
      },
    };
  } catch (error) {
    await removeVolume();
    throw error;
  }
}

/** Returns the attached tracer of a run; null: none. Probes under a wrapper are not the emulator's. */
async function tracerFor(
  context: StepContext,
  run: Run,
  { tracer, target, build, instrumentationVolume }: RunInputs,
  { container }: Runner,
): Promise<Tracer | null> {
  if (tracer === undefined || tracer === null || run.wrapper.length > 0) return null;
  return openTracer(context, {
    image: tracer,
    beside: container,
    emulator: emulatorPath(target, linkOf(build, run.link)),
    mount: {
      volume: instrumentationVolume,
      path: RUN_PATHS.instrumentation,
      readOnly: true,
    },
    names: namesOf(run),
  });
}

async function answerOf(
  runner: Runner,
  run: Run,
  inputs: RunInputs,
  cpu: number | null,
): Promise<RunnerAnswer> {
  const timedOut = () =>
    new QibenchError('RUN_TIMED_OUT', { ...namesOf(run), limitSeconds: run.timeoutSeconds });
  const outOfMemory = () =>
    new QibenchError('RUN_OUT_OF_MEMORY', {
      ...namesOf(run),
      limitBytes: RUN_LIMITS.memoryBytes,
    });
  try {
    const { environment, stdin } = requestedInvocation(run, inputs);
    const answer = await runner.run({
      command: runCommand(run, inputs),
      environment: runEnvironment(run.environmentBytes, {
        ...environment,
        ...recorderEnvironment(run.variant),
      }),
      ...(stdin === undefined ? {} : { stdin }),
      timeoutMs: run.timeoutSeconds * 1_000,
      outputLimitBytes: OUTPUT_LIMIT_BYTES,
      cpu,
      stackBytes: run.stackBytes === 0 ? null : run.stackBytes,
      fifoPriority: inputs.fifoPriority,
      region: inputs.definition.run.region,
      recorder: recorderOf(run.variant),
    });
    if (answer.result.timedOut) throw timedOut();
    if (answer.result.outOfMemory === true) throw outOfMemory();
    return answer;
  } catch (error) {
    if (!(error instanceof RunnerLost)) throw error;
    throw error.limit === 'time' ? timedOut() : outOfMemory();
  }
}

function checked(
  { result, output }: RunnerAnswer,
  run: Run,
  { definition }: RunInputs,
  { metrics, events }: RunOutput,
): RunResult & { exitStatus: number } {
  const names = namesOf(run);
  for (const [what, printed, limitBytes] of [
    ['metrics', metrics, METRICS_BYTES],
    ['event counts', events, EVENTS_BYTES],
  ] as const) {
    const bytes = Buffer.byteLength(JSON.stringify(printed));
    if (bytes > limitBytes)
      throw new QibenchError('TOO_MANY_METRICS', { ...names, what, bytes, limitBytes });
  }
  const { exitStatus } = result;
  if (exitStatus === null || exitStatus !== definition.run.exitStatus) {
    const ending =
      result.error ??
      (result.signal === null ? `exit status ${exitStatus}` : `signal ${result.signal}`);
    const tail = output.trimEnd().split('\n').slice(-5).join(' | ').slice(-1000) || '(none)';
    throw new QibenchError('RUN_FAILED', {
      ...names,
      ending,
      expected: definition.run.exitStatus,
      tail,
    });
  }
  const missing = definition.run.requiredMetrics.find(
    (name) => !metrics.some((metric) => metric.name === name),
  );
  if (missing !== undefined)
    throw new QibenchError('METRIC_MISSING', { ...names, metric: missing });
  if (definition.run.region !== undefined && result.region === undefined)
    throw new QibenchError('REGION_MISSING', names);
  for (const { name: metric } of declaredMetrics([definition])) {
    const count = metrics.filter(({ name }) => name === metric).length;
    // Uploaded code could print it before the guest or after it.
    if (count > 1) throw new QibenchError('METRIC_REPEATED', { ...names, metric, count });
  }
  return { ...result, exitStatus };
}

/** Returns the metrics of a region of interest; instructions only if hardware counted them. */
function regionMetrics(region: RunResult['region']): Metric[] {
  if (region === undefined) return [];
  const { wallNs, cpuNs, hostInstructions } = region;
  const values = [wallNs, cpuNs, hostInstructions];
  return REGION_METRICS.flatMap(({ name, unit }, index) => {
    const value = values[index] ?? null;
    return value === null ? [] : [{ name, value: Number(value), unit }];
  });
}
