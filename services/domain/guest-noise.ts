// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan, PlannedWorkload } from '#contract/job.js';
import type { Target } from '#contract/qemu.js';
import type { Sample } from '#contract/sample.js';
import { layoutSd } from '#statistics/layout-sd.js';
import { median } from '#statistics/median.js';
import { robustSd } from '#statistics/robust-sd.js';
import { comparisonRatios, spentSeconds } from './decisions.js';
import type { GuestNoise } from './expectation.js';
import { comparisonsOf } from './schedule.js';

/** Noise is not estimated from fewer blocks. */
const FEWEST_BLOCKS = 8;

/** A label that has nothing but a name and numbers. */
const PUBLIC_LABEL = /^[a-z][a-z0-9-]*(?: [a-z][a-z0-9_]*=-?\d+)*$/;

/**
 * Returns whether a workload's noise is shared by all projects: qibench ships it, it runs as its
 * definition says, and its label has no text of the job's author.
 */
function isShared(plan: JobPlan, { label, qemu, uploaded }: PlannedWorkload): boolean {
  const usual = [plan.qemu, qemu, uploaded].every((own) => own === undefined);
  return usual && PUBLIC_LABEL.test(label);
}

/**
 * Returns the noise of a job's guests: from block to block and, in an A/A job, from link to link.
 * Guests of the job's author are left out: other projects see the list, and estimate by it.
 *
 * @param samples Timed samples, in any order.
 * @returns One entry per compared workload; empty if the samples come from several hosts.
 */
export function guestNoiseOf(
  plan: JobPlan,
  target: Target,
  samples: readonly Sample[],
): GuestNoise[] {
  const [hostFingerprint, ...others] = new Set(samples.map((sample) => sample.hostFingerprint));
  if (hostFingerprint === undefined || others.length > 0) return [];
  const measured = samples.filter(({ block }) => block >= 1);
  const wallNs = (runs: readonly Sample[]) =>
    runs.reduce((total, run) => total + Number(run.wallNs), 0);
  const secondsPerNs = spentSeconds(measured) / wallNs(measured);
  const shared = plan.workloads.filter((workload) => isShared(plan, workload));
  return shared.flatMap(({ label: workload }) => {
    const named = comparisonsOf(plan).filter(
      (comparison) => comparison.workload === workload && comparison.about !== 'change',
    );
    const series = comparisonRatios(plan, measured, named)
      .map(({ ratios }) => ratios)
      .filter((ratios) => ratios.length >= FEWEST_BLOCKS);
    if (series.length === 0) return [];
    const runs = measured.filter((sample) => sample.workload === workload);
    const layouts =
      plan.sides?.same === true ? series.flatMap((ratios) => layoutOf(plan, ratios)) : [];
    return [
      {
        hostFingerprint,
        target,
        workload,
        noiseSd: median(series.map(robustSd)),
        layoutSd: layouts.length === 0 ? null : median(layouts),
        runSeconds: (secondsPerNs * wallNs(runs)) / runs.length,
      },
    ];
  });
}

/**
 * Returns the layout sd of a comparison whose blocks take pairs of links in turn; empty if unknown.
 */
function layoutOf(plan: JobPlan, ratios: readonly number[]): number[] {
  const pairs = Array.from({ length: plan.links }, (_, link) =>
    ratios.filter((_, block) => block % plan.links === link),
  );
  const sd = layoutSd(pairs);
  return sd === null ? [] : [sd];
}
