// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * JUnit XML, for every CI that shows tests: one `testcase` per comparison.
 *
 * A job with a base has, for every judged metric, a case per variant and workload (head against
 * base) and a case per change of overhead. A job without a base has a case per variant and workload
 * with its cost over the baseline variant.
 *
 * A case fails if head against base is a confirmed regression (services/contract/findings.ts), so
 * the cases of a job without a base never fail. If verdicts are advisory, the case is skipped
 * instead, with the reasons. An undecided case passes, and its property `answer` has the interval.
 * A metric that a threshold names and that has no values is a skipped case. A job that has not
 * succeeded has an additional case with an error, so that it is never green.
 *
 * `time` is head's median wall time in seconds; 0 for a change of overhead and for other metrics.
 * Characters that XML 1.0 forbids are written as U+FFFD.
 *
 * @see the `JUnitReport` task of Apache Ant; https://github.com/testmoapp/junitxml describes the
 *   parts that CIs read
 * @see https://www.w3.org/TR/xml/#charsets
 */
import type { ComparisonRow, JobComparison } from '#contract/comparison.js';
import { findingsOf, findingsOfComparison, type Finding } from '#contract/findings.js';
import { ratioWords } from '#contract/interval-words.js';
import { answerWords } from '#contract/verdict-words.js';
import type { JobReport } from './report.js';

/** One comparison of any kind. */
interface Case extends Pick<
  ComparisonRow,
  'workload' | 'blocks' | 'ratio' | 'adjustedP' | 'minimumDetectableRatio'
> {
  /** The answer in words; null for the baseline itself. */
  readonly answer: string | null;
  readonly name: string;
  readonly metric: string;
  readonly medianWallNs: number | null;
  /** The finding; null for the cost of a variant. */
  readonly finding: Finding | null;
}

/**
 * Returns the test cases of a comparison.
 * @param base Whether the job has a base. Then the costs of variants are not cases, for any metric.
 */
function casesOf(comparison: JobComparison, base: boolean): Case[] {
  const { rows, metric } = comparison;
  const name = (about: string) => (metric === 'wallNs' ? about : `${about}, ${metric}`);
  if (!base)
    return rows.map((row) => ({
      ...row,
      metric,
      name: name(row.variant),
      answer: answerWords(row, comparison.unit === 'ns' ? 'time' : 'amount'),
      medianWallNs: metric === 'wallNs' ? row.medianWallNs : null,
      finding: null,
    }));
  return findingsOfComparison(comparison).map((finding) => {
    const { about, row } = finding;
    const medianWallNs = metric === 'wallNs' && 'headMedian' in row ? row.headMedian : null;
    return {
      ...row,
      metric,
      name: name(about === 'overhead' ? `${row.variant}: overhead` : row.variant),
      answer: answerWords(row, 'change'),
      medianWallNs,
      finding,
    };
  });
}

export function writeJunit({ job, comparison, comparisons, advisoryReasons }: JobReport): string {
  const base = comparisons.some(({ sides }) => sides.length > 0);
  const cases = comparisons.flatMap((comparison) => casesOf(comparison, base));
  const regressions = cases.filter(isRegression).length;
  const advisory = advisoryReasons.length > 0;
  const unfinished = job.state === 'succeeded' ? [] : [unfinishedCase(job)];
  const { missingMetrics } = findingsOf(comparisons);
  const seconds = cases.reduce((sum, { medianWallNs }) => sum + (medianWallNs ?? 0), 0) / 1e9;
  const counts = attributes({
    tests: cases.length + unfinished.length + missingMetrics.length,
    failures: advisory ? 0 : regressions,
    errors: unfinished.length,
    skipped: missingMetrics.length + (advisory ? regressions : 0),
    time: seconds.toFixed(6),
  });
  const suite = attributes({
    name: job.name,
    id: 0,
    timestamp: (job.startedAt ?? job.createdAt).slice(0, 19),
    hostname: comparison.hostFingerprints.join('+') || 'unknown',
  });
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'qibench' })}${counts}>`,
    `  <testsuite${suite}${counts}>`,
    properties('    ', {
      job: job.id,
      state: job.state,
      baseline: comparison.baseline,
      project: job.request.project,
      branch: job.request.branch,
      commit: job.request.commit,
    }),
    ...unfinished,
    ...cases.map((item) => testcase(item, advisoryReasons)),
    ...missingMetrics.map(silentCase),
    '  </testsuite>',
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

function isRegression({ finding }: Case): boolean {
  return finding?.row.verdict === 'regression';
}

function testcase(item: Case, advisoryReasons: readonly string[]): string {
  const {
    name,
    metric,
    workload,
    blocks,
    medianWallNs,
    ratio,
    adjustedP,
    minimumDetectableRatio,
    answer,
    finding,
  } = item;
  const known = properties('      ', {
    metric,
    verdict: finding?.row.verdict,
    answer,
    blocks,
    medianWallNs,
    ratio: ratio?.ratio,
    low: ratio?.low,
    high: ratio?.high,
    confidence: ratio?.confidence,
    adjustedP,
    minimumDetectableRatio,
    threshold: finding?.row.threshold,
  });
  const time = ((medianWallNs ?? 0) / 1e9).toFixed(6);
  return [
    `    <testcase${attributes({ classname: workload, name, time })}>`,
    known,
    ...(isRegression(item) ? [regressed(worse(finding!), advisoryReasons)] : []),
    '    </testcase>',
  ].join('\n');
}

function regressed(message: string, advisoryReasons: readonly string[]): string {
  if (advisoryReasons.length === 0)
    return `      <failure${attributes({ type: 'regression', message })}/>`;
  const advisory = `${message}; but verdicts are advisory: ${advisoryReasons.join('; ')}`;
  return `      <skipped${attributes({ message: advisory })}/>`;
}

function worse({ about, metric, row }: Finding): string {
  const { ratio } = row.ratio;
  const mde =
    row.minimumDetectableRatio === null
      ? ''
      : `; minimum detectable effect ${(100 * (row.minimumDetectableRatio - 1)).toFixed(1)} %`;
  const what =
    about === 'overhead' ? `${row.variant} of head, over its baseline,` : `${row.variant} of head`;
  const times =
    metric === 'wallNs'
      ? `takes ${ratio.toFixed(3)} times as long`
      : `has ${ratio.toFixed(3)} times the ${metric}`;
  return `${what} ${times}, ${ratioWords(row.ratio)}${mde}`;
}

function silentCase(metric: string): string {
  const message = 'a threshold names this metric, but it has no values to compare';
  const head = `    <testcase${attributes({ classname: 'qibench', name: metric, time: '0' })}>`;
  return `${head}<skipped${attributes({ message })}/></testcase>`;
}

function unfinishedCase(job: JobReport['job']): string {
  const message = job.error?.message ?? `the job is ${job.state}`;
  const head = `    <testcase${attributes({ classname: 'qibench', name: 'job', time: '0' })}>`;
  return `${head}<error${attributes({ type: job.error?.code ?? job.state, message })}/></testcase>`;
}

function properties(
  indent: string,
  values: Record<string, string | number | null | undefined>,
): string {
  const known = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return [
    `${indent}<properties>`,
    ...known.map(([name, value]) => `${indent}  <property${attributes({ name, value: value! })}/>`),
    `${indent}</properties>`,
  ].join('\n');
}

const attributes = (values: Record<string, string | number>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escape(String(value))}"`)
    .join('');

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/**
 * Escapes text for an attribute, including tabs and line ends, which a parser turns into spaces.
 */
function escape(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"'\t\n\r]/g, (character) => ESCAPES[character]!);
}
