/**
 * JUnit XML, for every CI that shows tests: one `testcase` per comparison.
 *
 * Source: the `JUnitReport` task of Apache Ant, as https://github.com/testmoapp/junitxml describes what CIs read;
 * https://www.w3.org/TR/xml/#charsets for what XML can hold.
 *
 * A job with a base has a case per variant and workload, head against base, and one per overhead that may have changed,
 * of every metric that is judged; a job without one has a case per variant and workload, with what it costs over the
 * baseline variant. A case fails where head against base is a confirmed regression (services/contract/judged.ts), so a
 * job without a base fails nothing; what is not decided passes, and its property `answer` has the interval. Where verdicts only advise, such
 * a case is skipped instead, with the reasons. `time` is the median wall time in seconds, of head; of a change of
 * overhead and of other metrics there is none. A metric that a threshold names and nothing has values of is a skipped case. A job that has not succeeded has an error besides, so that it is never
 * green. Characters that XML 1.0 cannot hold are written as U+FFFD.
 */
import type { ComparisonRow, JobComparison } from '../contract/comparison.js';
import { findingsOf, judgedOf, type Judged } from '../contract/judged.js';
import { intervalWords } from '../contract/interval-words.js';
import { answerWords } from '../contract/verdict-words.js';
import type { JobReport } from './report.js';

/** One comparison, of whatever kind. */
interface Case extends Pick<
  ComparisonRow,
  'workload' | 'blocks' | 'ratio' | 'adjustedP' | 'detectableRatio'
> {
  /** In words; null for the baseline itself. */
  readonly answer: string | null;
  readonly name: string;
  readonly metric: string;
  readonly medianWallNs: number | null;
  /** What is judged; null for what a variant costs. */
  readonly judged: Judged | null;
}

/** @param base whether the job has one: then what variants cost is no case, of any metric */
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
      judged: null,
    }));
  return judgedOf(comparison).map((judged) => {
    const { about, row } = judged;
    const medianWallNs = metric === 'wallNs' && 'headMedian' in row ? row.headMedian : null;
    return {
      ...row,
      metric,
      name: name(about === 'overhead' ? `${row.variant}: overhead` : row.variant),
      answer: answerWords(row, 'change'),
      medianWallNs,
      judged,
    };
  });
}

export function writeJunit({ job, comparison, judged, advisoryReasons }: JobReport): string {
  const base = judged.some(({ sides }) => sides.length > 0);
  const cases = judged.flatMap((comparison) => casesOf(comparison, base));
  const regressions = cases.filter(isRegression).length;
  const advisory = advisoryReasons.length > 0;
  const unfinished = job.state === 'succeeded' ? [] : [unfinishedCase(job)];
  const { silent } = findingsOf(judged);
  const seconds = cases.reduce((sum, { medianWallNs }) => sum + (medianWallNs ?? 0), 0) / 1e9;
  const counts = attributes({
    tests: cases.length + unfinished.length + silent.length,
    failures: advisory ? 0 : regressions,
    errors: unfinished.length,
    skipped: silent.length + (advisory ? regressions : 0),
    time: seconds.toFixed(6),
  });
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'qibench' })}${counts}>`,
    `  <testsuite${attributes({ name: job.name, id: 0, timestamp: (job.startedAt ?? job.createdAt).slice(0, 19), hostname: comparison.hostFingerprints.join('+') || 'unknown' })}${counts}>`,
    properties('    ', {
      job: job.id,
      state: job.state,
      baseline: comparison.baseline,
      project: job.request.project,
      branch: job.request.branch,
      commit: job.request.commit,
    }),
    ...unfinished,
    ...cases.map((one) => testcase(one, advisoryReasons)),
    ...silent.map(silentCase),
    '  </testsuite>',
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

function isRegression({ judged }: Case): boolean {
  return judged?.row.verdict === 'regression';
}

function testcase(one: Case, advisoryReasons: readonly string[]): string {
  const {
    name,
    metric,
    workload,
    blocks,
    medianWallNs,
    ratio,
    adjustedP,
    detectableRatio,
    answer,
    judged,
  } = one;
  const known = properties('      ', {
    metric,
    verdict: judged?.row.verdict,
    answer,
    blocks,
    medianWallNs,
    ratio: ratio?.ratio,
    low: ratio?.low,
    high: ratio?.high,
    confidence: ratio?.confidence,
    adjustedP,
    detectableRatio,
    threshold: judged?.row.threshold,
  });
  const message = isRegression(one) ? worse(judged!) : null;
  const outcome =
    message === null
      ? []
      : advisoryReasons.length > 0
        ? [
            `      <skipped${attributes({ message: `${message}; but verdicts only advise: ${advisoryReasons.join('; ')}` })}/>`,
          ]
        : [`      <failure${attributes({ type: 'regression', message })}/>`];
  const head = `    <testcase${attributes({ classname: workload, name, time: ((medianWallNs ?? 0) / 1e9).toFixed(6) })}>`;
  return [head, known, ...outcome, '    </testcase>'].join('\n');
}

function worse({ about, metric, row }: Judged): string {
  const { ratio } = row.ratio;
  const finds =
    row.detectableRatio === null
      ? ''
      : `; found is from ${(100 * (row.detectableRatio - 1)).toFixed(1)} % on`;
  const what =
    about === 'overhead' ? `${row.variant} of head, over its baseline,` : `${row.variant} of head`;
  const times =
    metric === 'wallNs'
      ? `takes ${ratio.toFixed(3)} times as long`
      : `has ${ratio.toFixed(3)} times the ${metric}`;
  return `${what} ${times}, ${intervalWords(row.ratio)}${finds}`;
}

function silentCase(metric: string): string {
  return `    <testcase${attributes({ classname: 'qibench', name: metric, time: '0' })}><skipped${attributes({ message: 'a threshold names it, and there is nothing to compare by' })}/></testcase>`;
}

function unfinishedCase(job: JobReport['job']): string {
  const message = job.error?.message ?? `the job is ${job.state}`;
  return `    <testcase${attributes({ classname: 'qibench', name: 'job', time: '0' })}><error${attributes({ type: job.error?.code ?? job.state, message })}/></testcase>`;
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

/** Text for an attribute. Tabs and ends of line as references, since a parser would make spaces of them. */
function escape(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"'\t\n\r]/g, (character) => ESCAPES[character]!);
}
