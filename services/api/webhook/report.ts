// SPDX-License-Identifier: GPL-2.0-or-later
import { code } from '#client/markdown.js';
import type { Verdict } from '#contract/comparison.js';
import { asQibenchError } from '#contract/error.js';
import type { Explanation } from '#contract/explanation.js';
import { causeWords, explanationWords } from '#contract/explanation-words.js';
import type { Job } from '#contract/job.js';
import {
  findingsOf,
  findingMetrics,
  verdictOfFinding,
  type Findings,
  type Finding,
} from '#contract/findings.js';
import { answerWords } from '#contract/verdict-words.js';
import { advisoryReasonsFor } from '../advisory.js';
import type { Service } from '../service.js';

/** Returns the comment that announces a submitted job. */
export function announcement(
  job: Pick<Job, 'id' | 'name' | 'request'>,
  baseSha: string | null,
  publicUrl: string,
): string {
  const against = baseSha === null ? '' : ` against base ${code(baseSha.slice(0, 12))}`;
  return (
    `qibench measures ${code(job.name)}: head ${code((job.request.commit ?? '').slice(0, 12))}${against}` +
    ` · [details](${publicUrl}/jobs/${job.id})`
  );
}

/**
 * Returns the comment about a job that has ended.
 * @throws Transient errors of the store, which the caller retries.
 */
export async function endOf(
  { store, compute }: Pick<Service, 'store' | 'compute'>,
  job: Job,
): Promise<string> {
  if (job.state === 'cancelled') return '⏹️ Cancelled: the code was not judged.';
  if (job.state === 'failed') {
    const theirs = job.error!.kind === 'user' || job.error!.kind === 'workload';
    return (
      `❌ ${theirs ? 'The job failed' : 'qibench itself failed: the code was not judged'}: ` +
      `${code(job.error!.message, 1_000)}`
    );
  }
  try {
    const comparisons = await Promise.all(
      findingMetrics(job.plan.thresholds).map((metric) =>
        compute.compare(job, { metric, mixedHosts: false }),
      ),
    );
    return endText(
      findingsOf(comparisons),
      (await advisoryReasonsFor(store, comparisons[0]!.hostFingerprints)).length > 0,
      comparisons[0]!.explanations,
    );
  } catch (error) {
    const { kind, message } = asQibenchError(error);
    if (kind !== 'user') throw error;
    // samples of several hosts, for example
    return `❌ Measured, but not compared: the code was not judged: ${code(message, 1_000)}`;
  }
}

/** Words for the minimum detectable effect of all comparisons; empty unless blocks are fixed. */
function mdeWords(findings: readonly Finding[]): string {
  if (findings.some(({ row }) => row.ratio.method === 'sign-sequence')) return '';
  const ratios = findings.map(({ row }) => row.minimumDetectableRatio ?? Infinity);
  return ratios.includes(Infinity)
    ? '; too few blocks to detect a difference in one comparison alone'
    : `; minimum detectable effect ${(100 * (Math.max(...ratios) - 1)).toFixed(1)} %`;
}

/** Undecided comparisons that a comment lists. */
const LISTED = 5;

/** Lists the undecided comparisons with their intervals. */
function notDecided(findings: readonly Finding[]): string {
  const open = findings.filter((finding) => verdictOfFinding(finding) === 'inconclusive');
  if (open.length === 0) return '';
  const texts = open
    .slice(0, LISTED)
    .map(
      ({ about, row }) =>
        `${about === 'overhead' ? 'overhead of ' : ''}${code(row.variant)} with ` +
        `${code(row.workload)}: ${answerWords(row, 'change')!}`,
    );
  const more = open.length > LISTED ? `; and ${open.length - LISTED} more` : '';
  return ` Not decided: ${texts.join('; ')}${more}.`;
}

const COUNTED: readonly (readonly [Verdict, string])[] = [
  ['regression', 'regression'],
  ['improvement', 'improvement'],
  ['no-change', 'no change'],
  ['same-binary', 'same binary'],
  ['inconclusive', 'not decided'],
];

/** Returns the verdicts as a sentence; the job's page has the figures. */
export function endText(
  { verdict: overall, findings, missingMetrics }: Findings,
  advisory: boolean,
  explanations: readonly Explanation[] = [],
): string {
  if (overall === 'not-compared')
    return '⚠️ Measured, but nothing was compared: the job has no base.';
  const counts = COUNTED.map(([verdict, words]) => {
    const number = findings.filter((finding) => verdictOfFinding(finding) === verdict).length;
    return number === 0 ? null : `${number} ${words}`;
  }).filter((text) => text !== null);
  const icon = overall === 'regression' ? '❌' : overall === 'inconclusive' ? '⚠️' : '✅';
  const nothing =
    missingMetrics.length === 0
      ? ''
      : ` No values to compare for ${missingMetrics.map((metric) => code(metric)).join(', ')}.`;
  if (findings.length === 0) return `${icon}${nothing}`;
  const metrics = [
    ...new Set(findings.map(({ metric }) => (metric === 'wallNs' ? 'Wall time' : code(metric)))),
  ].join(', ');
  const caveat = advisory ? ' Advisory: the host raises too many false alarms.' : '';
  return (
    `${icon} ${metrics}, ${findings.length} comparison(s): ${counts.join(', ')}${mdeWords(findings)}.` +
    `${notDecided(findings)}${nothing}${caveat}${causesText(explanations)}`
  );
}

/** Returns the causes of the largest difference between the sides, as a list of Markdown. */
function causesText(explanations: readonly Explanation[]): string {
  const size = ({ before, after }: Explanation) => Math.abs(Math.log(after / before));
  const [largest] = explanations
    .filter(({ about, causes }) => about === 'side' && causes.length > 0)
    .sort((a, b) => size(b) - size(a));
  return largest === undefined
    ? ''
    : [
        `\n\nWhy: ${code(explanationWords(largest))}`,
        ...largest.causes.map((cause) => `\n* ${code(causeWords(cause, largest.unit))}`),
      ].join('');
}
