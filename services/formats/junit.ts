/**
 * JUnit XML, for every CI that shows tests: a `testcase` per workload and variant of the head side, with what the
 * variant costs; in a job with a base also one per comparison of head with base, and one per change of overhead.
 *
 * Source: the `JUnitReport` task of Apache Ant, as https://github.com/testmoapp/junitxml describes what CIs read;
 * https://www.w3.org/TR/xml/#charsets for what XML can hold.
 *
 * A case fails where head against base, or an overhead, is a confirmed regression, and nowhere else: what a variant
 * costs is no failure, nor is a suspicion. Where verdicts only advise, such a case is skipped, with the reasons. `time`
 * is the median wall time in seconds. A job that has not succeeded has an error besides, so that it is never green.
 * Characters that XML 1.0 cannot hold are written as U+FFFD.
 */
import type { ChangeRow, ComparisonRow, RatioInterval, SideRow, Verdict } from '../contract/comparison.js';
import type { JobReport } from './report.js';

interface Case {
  readonly classname: string;
  readonly name: string;
  readonly seconds: number;
  readonly properties: Properties;
  /** What went wrong; null where nothing did. */
  readonly regression: string | null;
}

type Properties = Readonly<Record<string, string | number | boolean | null | undefined>>;

export function writeJunit({ job, comparison, advisoryReasons }: JobReport): string {
  const cases = [
    ...comparison.rows.filter(({ side }) => side === 'head').map(overheadCase),
    ...comparison.sides.map((row) => sideCase(row, row.variant, (row.headMedian ?? 0) / 1e9, `${row.variant} takes`)),
    ...comparison.changes.map((row) => sideCase(row, `overhead of ${row.variant}`, 0, `the overhead of ${row.variant} is`)),
  ];
  const regressions = cases.filter(({ regression }) => regression !== null).length;
  const advisory = advisoryReasons.length > 0;
  const unfinished = job.state === 'succeeded' ? [] : [unfinishedCase(job)];
  const seconds = cases.reduce((sum, one) => sum + one.seconds, 0);
  const counts = attributes({
    tests: cases.length + unfinished.length, failures: advisory ? 0 : regressions, errors: unfinished.length, skipped: advisory ? regressions : 0, time: seconds.toFixed(6),
  });
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'qibench' })}${counts}>`,
    `  <testsuite${attributes({ name: job.name, id: 0, timestamp: (job.startedAt ?? job.createdAt).slice(0, 19), hostname: comparison.hostFingerprints.join('+') || 'unknown' })}${counts}>`,
    properties('    ', { job: job.id, state: job.state, baseline: comparison.baseline, project: job.request.project, branch: job.request.branch, commit: job.request.commit }),
    ...unfinished,
    ...cases.map((one) => testcase(one, advisoryReasons)),
    '  </testsuite>',
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

function overheadCase(row: ComparisonRow): Case {
  const known = { blocks: row.blocks, medianWallNs: row.medianWallNs, ...evidence(row) };
  return { classname: row.workload, name: row.variant, seconds: row.medianWallNs / 1e9, properties: known, regression: null };
}

function sideCase(row: SideRow | ChangeRow, what: string, seconds: number, takes: string): Case {
  const { ratio, confirmation } = row;
  const known = { blocks: row.blocks, ...evidence(row), threshold: row.threshold, suspected: row.suspected, confirmedRatio: confirmation?.ratio?.ratio };
  const regression = row.verdict === 'regression' && ratio !== null
    ? `${takes} ${ratio.ratio.toFixed(3)} times as much as at base, interval ${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)}; a second batch confirmed it`
    : null;
  return { classname: row.workload, name: `${what} against base`, seconds, properties: known, regression };
}

function evidence(row: { verdict: Verdict | null; ratio: RatioInterval | null; adjustedP: number | null; detectableRatio: number | null }): Properties {
  const { verdict, ratio, adjustedP, detectableRatio } = row;
  return { verdict, ratio: ratio?.ratio, low: ratio?.low, high: ratio?.high, confidence: ratio?.confidence, adjustedP, detectableRatio };
}

function testcase({ classname, name, seconds, properties: known, regression }: Case, advisoryReasons: readonly string[]): string {
  const outcome = regression === null
    ? []
    : advisoryReasons.length > 0
      ? [`      <skipped${attributes({ message: `${regression}; but verdicts only advise: ${advisoryReasons.join('; ')}` })}/>`]
      : [`      <failure${attributes({ type: 'regression', message: regression })}/>`];
  return [`    <testcase${attributes({ classname, name, time: seconds.toFixed(6) })}>`, properties('      ', known), ...outcome, '    </testcase>'].join('\n');
}

function unfinishedCase(job: JobReport['job']): string {
  const message = job.error?.message ?? `the job is ${job.state}`;
  return `    <testcase${attributes({ classname: 'qibench', name: 'job', time: '0' })}><error${attributes({ type: job.error?.code ?? job.state, message })}/></testcase>`;
}

function properties(indent: string, values: Properties): string {
  const known = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return [`${indent}<properties>`, ...known.map(([name, value]) => `${indent}  <property${attributes({ name, value: value! })}/>`), `${indent}</properties>`].join('\n');
}

const attributes = (values: Readonly<Record<string, string | number | boolean>>): string => Object.entries(values).map(([name, value]) => ` ${name}="${escape(String(value))}"`).join('');

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;', '\t': '&#9;', '\n': '&#10;', '\r': '&#13;' };

/** Text for an attribute. Tabs and ends of line as references, since a parser would make spaces of them. */
function escape(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"'\t\n\r]/g, (character) => ESCAPES[character]!);
}
