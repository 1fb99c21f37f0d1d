/**
 * JUnit XML, for every CI that shows tests: one `testcase` per comparison.
 *
 * Source: the `JUnitReport` task of Apache Ant, as https://github.com/testmoapp/junitxml describes what CIs read;
 * https://www.w3.org/TR/xml/#charsets for what XML can hold.
 *
 * A job with a base has a case per variant and workload, head against base, and one per overhead that may have changed;
 * a job without one has a case per variant and workload, against the baseline variant. A case fails where the verdict is
 * a regression, of head only a confirmed one; `inconclusive` passes and says so in its properties. Where
 * verdicts only advise, such a case is skipped instead, with the reasons. `time` is the median
 * wall time in seconds, of head; of a change of overhead there is none. A job that has not succeeded has an error besides, so
 * that it is never green. Characters that XML 1.0 cannot hold are written as U+FFFD.
 */
import type { ChangeRow, ComparisonRow, JobComparison, SideRow } from '../contract/comparison.js';
import type { JobReport } from './report.js';

/** One comparison, of whatever kind. */
interface Case extends Pick<ComparisonRow, 'workload' | 'blocks' | 'ratio' | 'adjustedP' | 'detectableRatio' | 'verdict'> {
  readonly name: string;
  readonly medianWallNs: number | null;
  /** What the ratio says if it is bad news. */
  readonly worse: string;
}

function casesOf({ rows, sides, changes, metric }: JobComparison): Case[] {
  if (sides.length === 0) return rows.map((row) => ({ ...row, name: row.variant, worse: `${row.variant} takes` }));
  const wall = ({ headMedian }: SideRow) => (metric === 'wallNs' ? headMedian : null);
  return [
    ...sides.map((row) => ({ ...row, name: row.variant, medianWallNs: wall(row), worse: `${row.variant} of head takes` })),
    ...changes.map((row: ChangeRow) => ({ ...row, name: `${row.variant}: overhead`, medianWallNs: null, worse: `${row.variant} of head, over its baseline, takes` })),
  ];
}

export function writeJunit({ job, comparison, advisoryReasons }: JobReport): string {
  const cases = casesOf(comparison);
  const regressions = cases.filter(({ verdict }) => verdict === 'regression').length;
  const advisory = advisoryReasons.length > 0;
  const unfinished = job.state === 'succeeded' ? [] : [unfinishedCase(job)];
  const seconds = cases.reduce((sum, { medianWallNs }) => sum + (medianWallNs ?? 0), 0) / 1e9;
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

function testcase({ name, workload, blocks, medianWallNs, ratio, adjustedP, detectableRatio, verdict, worse }: Case, advisoryReasons: readonly string[]): string {
  const known = properties('      ', {
    verdict, blocks, medianWallNs, ratio: ratio?.ratio, low: ratio?.low, high: ratio?.high, confidence: ratio?.confidence, adjustedP, detectableRatio,
  });
  const message = verdict === 'regression' && ratio !== null
    ? `${worse} ${ratio.ratio.toFixed(3)} times as long, interval ${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)}`
    : null;
  const outcome = message === null
    ? []
    : advisoryReasons.length > 0
      ? [`      <skipped${attributes({ message: `${message}; but verdicts only advise: ${advisoryReasons.join('; ')}` })}/>`]
      : [`      <failure${attributes({ type: 'regression', message })}/>`];
  const head = `    <testcase${attributes({ classname: workload, name, time: ((medianWallNs ?? 0) / 1e9).toFixed(6) })}>`;
  return [head, known, ...outcome, '    </testcase>'].join('\n');
}

function unfinishedCase(job: JobReport['job']): string {
  const message = job.error?.message ?? `the job is ${job.state}`;
  return `    <testcase${attributes({ classname: 'qibench', name: 'job', time: '0' })}><error${attributes({ type: job.error?.code ?? job.state, message })}/></testcase>`;
}

function properties(indent: string, values: Record<string, string | number | null | undefined>): string {
  const known = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return [`${indent}<properties>`, ...known.map(([name, value]) => `${indent}  <property${attributes({ name, value: value! })}/>`), `${indent}</properties>`].join('\n');
}

const attributes = (values: Record<string, string | number>): string => Object.entries(values).map(([name, value]) => ` ${name}="${escape(String(value))}"`).join('');

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;', '\t': '&#9;', '\n': '&#10;', '\r': '&#13;' };

/** Text for an attribute. Tabs and ends of line as references, since a parser would make spaces of them. */
function escape(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"'\t\n\r]/g, (character) => ESCAPES[character]!);
}
