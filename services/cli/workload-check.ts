// SPDX-License-Identifier: GPL-2.0-or-later
import { printable } from '#client/printable.js';
import type { Job } from '#contract/job.js';
import { targetKind } from '#contract/qemu.js';
import type { Sample } from '#contract/sample.js';
import type { WorkloadDefinition } from '#contract/workload.js';

/** Shorter runs see the host in a single state, and the start of QEMU dominates them. */
const SHORT_NS = 50e6;
/** Runs of this time leave few pairs within the usual minutes of measuring. */
const LONG_NS = 10e9;
/** Standard deviation of a run's time above which small differences need many blocks. */
const NOISY_SD = 0.05;
/** Shown names of undeclared metrics; instrumentation-free guests print few. */
const NAMES_SHOWN = 5;

/** One finding about a workload. `missing`: a job with it fails, or proves less than it could. */
export interface Finding {
  readonly about: 'exit status' | 'metric' | 'time' | 'noise';
  readonly state: 'good' | 'missing';
  readonly text: string;
}

type Run = Pick<Sample, 'wallNs' | 'exitStatus' | 'metrics'>;

/**
 * Judges a workload by its runs on plain QEMU.
 * @param job The job that ran it, of one variant.
 * @param runs Measured runs of the full size; empty if the job failed.
 */
export function checkWorkload(
  definition: WorkloadDefinition,
  job: Pick<Job, 'error' | 'request'>,
  runs: readonly Run[],
): Finding[] {
  if (job.error !== null) return [failure(job.error)];
  if (runs.length === 0) return [missing('time', 'the job stored no measured run')];
  const { target } = job.request.qemu;
  return [
    ...exitStatus(definition, targetKind(target) === 'softmmu'),
    ...metrics(definition, runs),
    ...time(definition, runs),
    noise(runs),
  ];
}

const good = (about: Finding['about'], text: string): Finding => ({ about, state: 'good', text });
const missing = (about: Finding['about'], text: string): Finding => ({
  about,
  state: 'missing',
  text,
});

function failure({ code, message }: NonNullable<Job['error']>): Finding {
  const about = { METRIC_MISSING: 'metric', METRIC_REPEATED: 'metric', RUN_TIMED_OUT: 'time' };
  return missing((about as Record<string, Finding['about']>)[code] ?? 'exit status', message);
}

function exitStatus({ run }: WorkloadDefinition, isSystem: boolean): Finding[] {
  const ended = `every run ended with ${run.exitStatus}, as run.exitStatus says`;
  // A guest that panics or reboots with -no-reboot ends QEMU with 0, too.
  return isSystem && run.exitStatus === 0 && run.requiredMetrics.length === 0
    ? [
        missing(
          'exit status',
          `${ended}; but QEMU ends with 0 after a panic, too: end with another status ` +
            '(isa-debug-exit, semihosting), or print a metric that run.requiredMetrics names',
        ),
      ]
    : [good('exit status', ended)];
}

function metrics(definition: WorkloadDefinition, runs: readonly Run[]): Finding[] {
  const printed = new Set(runs.flatMap((run) => run.metrics.map(({ name }) => name)));
  const declared = definition.metrics.map(({ name }) => name);
  const silent = declared.filter((name) => !printed.has(name));
  const undeclared = [...printed].filter((name) => !declared.includes(name));
  const { requiredMetrics: required } = definition.run;
  const findings: Finding[] = [];
  if (silent.length > 0)
    findings.push(missing('metric', `declared and not printed: ${listed(silent)}`));
  if (undeclared.length > 0)
    findings.push(
      missing(
        'metric',
        `printed without a unit and a direction in "metrics", so it is never compared: ${listed(undeclared)}`,
      ),
    );
  if (required.length > 0)
    findings.push(good('metric', `every run printed ${listed(required)}, which proves its work`));
  else
    findings.push(
      missing(
        'metric',
        'run.requiredMetrics is empty, so only the exit status proves that the guest did its ' +
          'work: print a line like "QIBENCH work.operations=1000 operations"',
      ),
    );
  return findings;
}

function time({ size, run }: WorkloadDefinition, runs: readonly Run[]): Finding[] {
  const wallNs = middle(runs.map((sample) => Number(sample.wallNs)));
  const took = `a run takes ${seconds(wallNs)}`;
  if (wallNs > (run.timeoutSeconds * 1e9) / 2)
    return [
      missing('time', `${took}, more than half of run.timeoutSeconds: a slow variant would fail`),
    ];
  if (wallNs < SHORT_NS)
    return [missing('time', `${took}: below 50 ms, the start of QEMU dominates; do more work`)];
  if (wallNs > LONG_NS)
    return [missing('time', `${took}: few pairs fit into minutes of measuring; do less work`)];
  return size === undefined
    ? [
        missing(
          'time',
          `${took}; without "size", the start and the cost per event cannot be told apart`,
        ),
      ]
    : [good('time', `${took}, with ${size.parameter} chosen on the host`)];
}

function noise(runs: readonly Run[]): Finding {
  const logs = runs.map(({ wallNs }) => Math.log(Number(wallNs)));
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  const squares = logs.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const sd = Math.sqrt(squares / Math.max(1, logs.length - 1));
  const varied = `${runs.length} runs varied by ${(100 * sd).toFixed(1)} % (standard deviation)`;
  return sd > NOISY_SD
    ? missing(
        'noise',
        `${varied}: small differences need many blocks; look for waiting, disks, random numbers ` +
          'and clocks in the guest',
      )
    : good('noise', varied);
}

/** Formats findings as text, one a line. */
export function findingsText(findings: readonly Finding[]): string {
  const mark = { good: 'ok     ', missing: 'missing' };
  return findings
    .map(({ about, state, text }) => `${mark[state]}  ${about.padEnd(11)}  ${printable(text)}`)
    .join('\n');
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  return names.slice(0, NAMES_SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

function seconds(ns: number): string {
  return ns < 1e9 ? `${(ns / 1e6).toFixed(1)} ms` : `${(ns / 1e9).toFixed(1)} s`;
}
