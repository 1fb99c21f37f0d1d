// SPDX-License-Identifier: GPL-2.0-or-later
import type { Job, JobPlan, JobRequest } from '#contract/job.js';
import type { Baseline, PlannedSide } from '#contract/side.js';
import { pinnedSource, type PinnedSource, type QemuSource } from '#contract/source.js';
import { firesEvents, runsInstrumentation, type VariantRequest } from '#contract/variant.js';
import type { BrokenRules } from './broken-rules.js';
import { factsOf, sourceKey, type Catalogue } from './catalogue.js';
import { planEvents } from './plan-events.js';

export type PlannedSides = NonNullable<JobPlan['sides']>;

/**
 * Plans both sides of a job completely. A field that the baseline omits is taken from the job that
 * the baseline names, or else from the head side.
 *
 * @param baselineJob Head side of the job that the baseline names; null if it names none.
 */
export function planSides(
  request: JobRequest,
  baselineJob: PlannedSide | null,
  catalogue: Catalogue,
  rules: BrokenRules,
): PlannedSides {
  const { version, target, source, patches = null, configure } = request.qemu;
  const options = optionsOf(configure);
  const qemu = withPort({ version, target, ...pinned(source), patches, ...options }, catalogue);
  const head = {
    qemu,
    events: planEvents(
      { qemu, patterns: request.events },
      { version: 'qemu.version', target: 'qemu.target', events: 'events' },
      catalogue,
      rules,
    ),
    instrumentation: request.instrumentation ?? null,
  };
  const { baseline } = request;
  if (baseline === undefined) return { head, base: null, same: false };
  if (baseline === 'same') return { head, base: head, same: true };
  return {
    head,
    base: planBase(request, baseline, { head, baselineJob }, catalogue, rules),
    same: false,
  };
}

function planBase(
  request: JobRequest,
  baseline: Exclude<Baseline, 'same'>,
  from: { head: PlannedSide; baselineJob: PlannedSide | null },
  catalogue: Catalogue,
  rules: BrokenRules,
): PlannedSide {
  const like = from.baselineJob ?? from.head;
  const { target } = from.head.qemu;
  if (like.qemu.target !== target)
    rules.add(
      'baseline.job',
      `is of target ${like.qemu.target}; both sides run the same guests, so it must be ${target}`,
    );

  const version = baseline.version ?? like.qemu.version;
  const source =
    baseline.source === undefined ? likeSource(baseline, like) : pinned(baseline.source);
  const patches = baseline.patches === undefined ? like.qemu.patches : baseline.patches;
  const patterns = baseline.events ?? from.baselineJob?.events ?? request.events;
  const options = optionsOf(baseline.configure ?? like.qemu.configure);
  const qemu = withPort({ version, target, ...source, patches, ...options }, catalogue);
  const events =
    baseline.events === undefined && from.baselineJob === null && sameEvents(qemu, from.head.qemu)
      ? from.head.events // same patterns, same QEMU: report their errors only once
      : planEvents({ qemu, patterns }, pathsOf(baseline), catalogue, rules);
  const base = {
    qemu,
    events,
    instrumentation: baseline.instrumentation ?? like.instrumentation,
  };
  checkModes(request, base, patterns, rules);
  return base;
}

/** Returns whether two QEMUs have the same list of events. */
export function sameEvents(one: PlannedSide['qemu'], other: PlannedSide['qemu']): boolean {
  if (one.source === undefined && other.source === undefined) return one.version === other.version;
  return sourceKey(one) === sourceKey(other);
}

/** Returns options for configure as a field; nothing without any. */
function optionsOf(configure: readonly string[] = []): { configure?: string[] } {
  return configure.length === 0 ? {} : { configure: [...configure] };
}

/** Adds the port that was found for a source. */
function withPort(qemu: PlannedSide['qemu'], catalogue: Catalogue): PlannedSide['qemu'] {
  const facts = factsOf(catalogue, qemu);
  if (facts === null) return qemu;
  const { port, reason } = facts;
  return { ...qemu, port, ...(port === null ? { portReason: reason } : {}) };
}

/** Returns the pinned source of a request as a field; nothing without one. */
function pinned(source: QemuSource | null | undefined): { source?: PinnedSource } {
  return source === null || source === undefined ? {} : { source: pinnedSource(source) };
}

/** Returns the source of a base side that names none: a version alone is Debian's package. */
function likeSource(
  { version }: Exclude<Baseline, 'same'>,
  { qemu: { source } }: PlannedSide,
): { source?: PinnedSource } {
  return version !== undefined || source === undefined ? {} : { source };
}

function pathsOf(baseline: Exclude<Baseline, 'same'>): {
  version: string;
  target: string;
  events: string;
} {
  const version =
    baseline.version === undefined && baseline.job !== undefined
      ? 'baseline.job'
      : 'baseline.version';
  const events =
    baseline.events !== undefined
      ? 'baseline.events'
      : baseline.job !== undefined
        ? 'baseline.job.events'
        : 'events';
  return { version, target: version, events };
}

/**
 * Checks that base has what the variants' modes need. Patterns without a match have been reported
 * already. If head lacks something too, the error is reported on the variants instead.
 */
function checkModes(
  request: JobRequest,
  base: PlannedSide,
  patterns: readonly string[],
  rules: BrokenRules,
): void {
  const variants: Exclude<VariantRequest, string>[] = request.variants.map((variant) =>
    typeof variant === 'string' ? { mode: variant, trace: false } : variant,
  );
  const compiling = variants.find(
    ({ mode, instrumentation }) => runsInstrumentation(mode) && instrumentation === undefined,
  );
  if (
    compiling !== undefined &&
    base.instrumentation === null &&
    request.instrumentation !== undefined
  ) {
    rules.add(
      'baseline.instrumentation',
      `mode "${compiling.mode}" needs one on the base side too`,
    );
  }
  const tracing = variants.find(({ mode, events }) => firesEvents(mode) && events === undefined);
  if (tracing !== undefined && patterns.length === 0 && request.events.length > 0) {
    rules.add('baseline.events', `mode "${tracing.mode}" needs events on the base side too`);
  }
}

/** Returns the sides of a job, including jobs that were accepted before jobs had sides. */
export function sidesOf(job: Pick<Job, 'plan' | 'request'>): PlannedSides {
  if (job.plan.sides !== null) return job.plan.sides;
  const { qemu, instrumentation = null } = job.request;
  const { version, target, patches = null } = qemu;
  return {
    head: {
      qemu: { version, target, patches },
      events: job.plan.events,
      instrumentation,
    },
    base: null,
    same: false,
  };
}
