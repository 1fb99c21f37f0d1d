// SPDX-License-Identifier: GPL-2.0-or-later
import { shownVariant } from '#contract/side.js';
import type { Comparison } from '#contract/comparison.js';
import type { Job } from '#contract/job.js';
import { tooFewBlocks, type Finding } from '#contract/findings.js';
import { causeWords, explanationWords } from '#contract/explanation-words.js';
import { progressWords } from '#contract/progress-words.js';
import {
  answerWords,
  bendWords,
  movedNote,
  perEventWords,
  startWords,
} from '#contract/verdict-words.js';
import type { Ending, Judgement } from './gate.js';
import { code, pre, table } from '#client/markdown.js';
import type { Outcome } from './outcome.js';
import type { Section } from './sections.js';

/** The subject of a report. */
export interface Subject {
  readonly name: string;
  readonly headSha: string;
  readonly baseSha: string | null;
  /** Address of the job's page; null before the job exists. */
  readonly page: string | null;
  /** Further notes for the reader, such as the reason for a missing base. */
  readonly notes: readonly string[];
}

const ICONS = {
  success: '✅',
  failure: '❌',
  neutral: '⚠️',
  cancelled: '⏹️',
  timed_out: '❌',
  skipped: '⏭️',
} as const;

/** Returns the sections of the report, the most important first. */
export function reportOf(ending: Ending, judgement: Judgement, subject: Subject): Section[] {
  const against =
    subject.baseSha === null ? '' : ` against base ${code(subject.baseSha.slice(0, 12))}`;
  const sides = `head ${code(subject.headSha.slice(0, 12))}${against}`;
  const page = subject.page === null ? '' : ` · [details](${subject.page})`;
  const head: Section = {
    title: 'headline',
    lines: [
      `### ${ICONS[judgement.conclusion]} qibench: ${judgement.title}`,
      '',
      `${code(subject.name)} · ${sides}${page}`,
      ...subject.notes.flatMap((note) => ['', note]),
    ],
  };
  switch (ending.type) {
    case 'measured':
      return [head, ...measured(ending.comparisons, ending.outcome, ending.job)];
    case 'code-failed':
      return [
        head,
        {
          title: 'the error',
          lines: [
            code(`${ending.error.code}: ${ending.error.message}`, 1_000),
            ...hintOn(ending.error.code),
          ],
        },
        ...complaints(ending.error.details),
        ...logTail(ending.logTail),
      ];
    case 'service-failed':
      return [
        head,
        {
          title: 'the error',
          lines: [
            `The code was not judged. The service's operator must act; then run the workflow again.`,
            '',
            code(`${ending.error.code}: ${ending.error.message}`, 1_000),
          ],
        },
      ];
    case 'skipped':
      return [head, { title: 'the reason', lines: [ending.reason] }];
    default:
      return [head];
  }
}

function measured(
  comparisons: readonly Comparison[],
  { findings, missingMetrics, advisoryReasons: reasons }: Outcome,
  job: Job,
): Section[] {
  const fixed = comparisons[0]!.progress.withinSeconds === null;
  const columns = [
    'workload',
    'variant',
    'metric',
    'base',
    'head',
    'change',
    ...(fixed ? ['MDE'] : []),
    'threshold',
    'verdict',
  ];
  const [top, line, ...rows] = table(
    columns,
    findings.map((finding) => judgedCells(finding, fixed)),
  ) as [string, string, ...string[]];
  const sections: Section[] = [];
  if (reasons.length > 0)
    sections.push({
      title: 'advisory',
      lines: [
        'The verdicts are advisory and cannot fail the step:',
        ...reasons.map((reason) => `* ${code(reason)}`),
      ],
    });
  if (findings.length > 0)
    sections.push({
      title: 'head against base',
      lines: ['**Head against base**', '', top, line],
      rows,
    });
  const why = explained(comparisons[0]!.explanations);
  if (why !== null) sections.push(why);
  if (missingMetrics.length > 0)
    sections.push({
      title: 'nothing to compare',
      lines: [
        `A threshold names ${missingMetrics.map((metric) => code(metric)).join(', ')}, but positive values ` +
          'on both sides are missing. The result is inconclusive, not good news.',
      ],
    });
  for (const comparison of comparisons) sections.push(overheads(comparison));
  const [{ reproduce, hostFingerprints }] = comparisons as [Comparison];
  const { qemu } = job.request;
  const few = tooFewBlocks(comparisons[0]!);
  const level = fixed
    ? ' _MDE_ (minimum detectable effect) is the smallest slowdown that these blocks find with ' +
      '80 % probability.'
    : ' The intervals hold at 95 %, whenever measuring stops.';
  sections.push({
    title: 'how it was measured',
    lines: [
      `QEMU ${code(qemu.version)} ${code(qemu.target)}, ${progressWords(comparisons[0]!.progress)}, ` +
        `host ${code(hostFingerprints.map((print) => print.slice(0, 19)).join(', '))}.` +
        `${level}${few === null ? '' : ` ${few}`} Reproduce: ${code(reproduce)}`,
    ],
  });
  return sections;
}

/**
 * Returns the section on the causes of differences: between the sides, or without a base between
 * the variants. Null if no profile shows one.
 */
function explained(explanations: Comparison['explanations']): Section | null {
  const about = explanations.some((one) => one.about === 'side') ? 'side' : 'overhead';
  const shown = explanations.filter((one) => one.about === about && one.causes.length > 0);
  return shown.length === 0
    ? null
    : {
        title: 'causes',
        lines: ['**Why**', ''],
        rows: shown.flatMap((explanation) => [
          `* ${code(explanationWords(explanation))}`,
          ...explanation.causes.map((cause) => `  * ${code(causeWords(cause, explanation.unit))}`),
        ]),
      };
}

function judgedCells({ metric, unit, about, row }: Finding, fixed: boolean): string[] {
  const medians =
    'headMedian' in row ? [amount(row.baseMedian, unit), amount(row.headMedian, unit)] : ['—', '—'];
  const answer = answerWords(row, 'change')!;
  const moved = movedNote(row);
  const verdict =
    row.verdict === 'regression' ? answer.replace('regression', '**regression**') : answer;
  return [
    code(row.workload),
    about === 'overhead' ? `overhead of ${code(row.variant)}` : code(row.variant),
    code(metric),
    ...medians,
    percent(row.ratio.ratio - 1),
    ...(fixed ? [found(row.minimumDetectableRatio)] : []),
    percent(row.threshold),
    moved === null ? verdict : `${verdict}; ${moved}`,
  ];
}

/** Returns the section on the variants' cost on each side. */
function overheads({ rows, metric, unit, baseline, progress }: Comparison): Section {
  const fixed = progress.withinSeconds === null;
  const wall = metric === 'wallNs';
  const cells = rows.map((row) => [
    code(row.workload),
    code(shownVariant({ name: row.variant, side: row.side })),
    row.median === null ? '—' : amount(row.median, unit),
    [answerWords(row, unit === 'ns' ? 'time' : 'amount'), movedNote(row), bendWords(row.cost)]
      .filter((words) => words !== null)
      .join('; ') || '—',
    ...(fixed ? [found(row.minimumDetectableRatio)] : []),
    ...(wall ? [startWords(row.cost) ?? '—', perEventWords(row.cost) ?? '—'] : []),
    row.events ?? '—',
  ]);
  const [top, line, ...body] = table(
    [
      'workload',
      'variant',
      `median ${code(metric)}`,
      `over ${code(baseline)}`,
      ...(fixed ? ['MDE'] : []),
      ...(wall ? ['start, ms', 'ns/event'] : []),
      'events',
    ],
    cells,
  ) as [string, string, ...string[]];
  return {
    title: `overheads (${metric.replace(/[^A-Za-z0-9]/g, ' ')})`,
    lines: [`<details><summary>Cost of the variants (${code(metric)})</summary>`, '', top, line],
    rows: body,
    end: '\n</details>',
  };
}

function complaints(
  details: readonly { readonly path: string; readonly message: string }[],
): Section[] {
  if (details.length === 0) return [];
  const [top, line, ...rows] = table(
    ['where', 'what'],
    details.map(({ path, message }) => [code(path), code(message)]),
  ) as [string, string, ...string[]];
  return [{ title: 'complaints', lines: [top, line], rows }];
}

function logTail(text: string): Section[] {
  return text === ''
    ? []
    : [
        {
          title: 'end of the log',
          lines: ['<details><summary>End of the log</summary>', '', pre(text), '', '</details>'],
        },
      ];
}

function hintOn(errorCode: string): string[] {
  if (errorCode !== 'PATCH_FAILED' && errorCode !== 'PATCH_CONFLICT') return [];
  return [
    '',
    'The commits of the pull request are applied as patches to the Debian source of the QEMU version ' +
      'in the job file. If the branch is based on another version, they may not apply: set the version ' +
      'that is nearest to the branch, or rebase.',
  ];
}

/** Formats the minimum detectable effect (MDE). */
function found(minimumDetectableRatio: number | null): string {
  return minimumDetectableRatio === null ? '—' : percent(minimumDetectableRatio - 1);
}

function percent(value: number): string {
  return `${value > 0 ? '+' : ''}${(100 * value).toFixed(1)} %`;
}

/** Formats a value in a unit that is easy to read. */
function amount(value: number, unit: string): string {
  if (unit === 'ns')
    return value >= 1e9
      ? `${(value / 1e9).toFixed(3)} s`
      : value >= 1e6
        ? `${(value / 1e6).toFixed(1)} ms`
        : `${(value / 1e3).toFixed(1)} µs`;
  if (unit === 'bytes') return `${(value / 2 ** 20).toFixed(1)} MiB`;
  return `${Number(value.toPrecision(6))} ${code(unit)}`;
}
