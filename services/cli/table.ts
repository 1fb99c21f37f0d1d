// SPDX-License-Identifier: GPL-2.0-or-later
import type { BisectTrial } from '#contract/bisect.js';
import type {
  ChangeRow,
  Comparison,
  ComparisonRow,
  RatioInterval,
  SideRow,
} from '#contract/comparison.js';
import type { Host } from '#contract/host.js';
import { isSupported, ratioWords } from '#contract/interval-words.js';
import { tooFewBlocks } from '#contract/findings.js';
import { progressWords } from '#contract/progress-words.js';
import { shownVariant } from '#contract/side.js';
import {
  answerWords,
  bendWords,
  movedNote,
  perEventWords,
  startWords,
  type About,
} from '#contract/verdict-words.js';
import { workNotes } from '#contract/work-words.js';
import { printable } from '#client/printable.js';
import { measuredText } from './amount.js';
import { causesText } from './explanation-text.js';
import { NONE, render, type Column } from './render.js';
import type { Reproduction } from './reproduce.js';

/**
 * Formats a comparison as text: the overhead matrix, with a base the tables of head against base
 * and of changes of overhead, and the command that reproduces it.
 */
export function comparisonText(comparison: Comparison): string {
  const { sides, changes, same } = comparison;
  const parts = [comparisonTable(comparison)];
  if (sides.length > 0)
    parts.push(
      same ? 'head against itself (A/A)' : 'head against base',
      sideTable(sides, comparison),
    );
  if (changes.length > 0) parts.push('change of overhead', sideTable(changes, comparison));
  parts.push(...workNotes(comparison).map((note) => `note: ${printable(note)}`));
  parts.push(...causesText(comparison.explanations));
  const few = tooFewBlocks(comparison);
  if (few !== null) parts.push(few);
  parts.push(
    `measured: ${progressWords(comparison.progress)}`,
    ...comparison.sizes.map(
      ({ workload, parameter, value }) => `size: ${printable(workload)} with ${parameter} ${value}`,
    ),
    ...comparison.advisoryReasons.map((reason) => `verdicts are advisory: ${printable(reason)}`),
  );
  return [
    ...parts,
    `dashboard: ${printable(comparison.link)}`,
    `reproduce: ${printable(comparison.reproduce)}`,
  ].join('\n');
}

/** Formats the overhead matrix: a line per workload and variant, and notes below it. */
function comparisonTable(comparison: Comparison): string {
  const { metric, unit, baseline, rows } = comparison;
  const wall = metric === 'wallNs';
  const about: About = unit === 'ns' ? 'time' : 'amount';
  const columns: Column<ComparisonRow>[] = [
    { head: 'workload', cell: ({ workload }) => printable(workload) },
    { head: 'variant', cell: nameOf },
    {
      head: wall ? 'median wall' : `median ${printable(metric)}`,
      cell: ({ median }) => (median === null ? null : amount(median, unit)),
      right: true,
    },
    {
      head: `ratio to ${baseline}`,
      cell: ({ ratio, variant }) => ratio?.ratio.toFixed(3) ?? (variant === baseline ? '1' : null),
      right: true,
    },
    ...mdeColumn<ComparisonRow>(comparison),
    { head: 'verdict', cell: (row) => answerWords(row, about) },
    ...(wall
      ? [
          { head: 'start, ms', cell: ({ cost }: ComparisonRow) => startWords(cost), right: true },
          { head: 'ns/event', cell: ({ cost }: ComparisonRow) => perEventWords(cost), right: true },
        ]
      : []),
    { head: 'events', cell: ({ events }) => events, right: true },
    ...(rows.some(({ recordsStored }) => recordsStored !== null)
      ? [
          {
            head: 'records stored',
            cell: ({ recordsStored }: ComparisonRow) => recordsStored,
            right: true,
          },
          {
            head: 'dropped',
            cell: ({ recordsDropped }: ComparisonRow) => recordsDropped,
            right: true,
          },
        ]
      : []),
  ];
  const notes = rows.flatMap((row) =>
    [movedNote(row), wall ? bendWords(row.cost) : null]
      .filter((note) => note !== null)
      .map((note) => `${printable(row.workload)}, ${nameOf(row)}: ${note}`),
  );
  return [
    render(columns, rows),
    ...levels(rows.flatMap(({ ratio }) => ratio ?? [])),
    ...notes,
    ...(!wall && rows.every(({ median }) => median === null)
      ? [`no run of this job has a value of ${printable(metric)}`]
      : []),
    ...(comparison.mixedHosts
      ? ['The samples are of different hosts or host states, which may explain the ratios.']
      : []),
  ].join('\n');
}

function nameOf({ variant, side }: ComparisonRow): string {
  return printable(shownVariant({ name: variant, side }));
}

/** Returns the column of the minimum detectable effect, which only a fixed number of blocks has. */
function mdeColumn<R extends { readonly minimumDetectableRatio: number | null }>({
  progress,
}: Comparison): Column<R>[] {
  return progress.withinSeconds === null
    ? [
        {
          head: 'MDE',
          cell: ({ minimumDetectableRatio }) => effect(minimumDetectableRatio),
          right: true,
        },
      ]
    : [];
}

/** Returns a line with the confidence levels of the intervals in a table. */
function levels(ratios: readonly RatioInterval[]): string[] {
  const texts = new Set(
    ratios.filter(isSupported).map(({ confidence }) => `${(100 * confidence).toFixed(1)} %`),
  );
  return texts.size === 0 ? [] : [`intervals at ${[...texts].join(', ')}`];
}

/** Formats the table of head against base, by variants or by their overheads. */
function sideTable(rows: readonly (SideRow | ChangeRow)[], comparison: Comparison): string {
  const { unit } = comparison;
  const median = (side: 'headMedian' | 'baseMedian') => (row: SideRow | ChangeRow) =>
    'headMedian' in row ? amount(row[side], unit) : null;
  const columns: Column<SideRow | ChangeRow>[] = [
    { head: 'workload', cell: ({ workload }) => printable(workload) },
    { head: 'variant', cell: ({ variant }) => printable(variant) },
    ...(rows.some((row) => 'headMedian' in row)
      ? [
          { head: 'median head', cell: median('headMedian'), right: true },
          { head: 'median base', cell: median('baseMedian'), right: true },
        ]
      : []),
    { head: 'ratio', cell: ({ ratio }) => ratio.ratio.toFixed(3), right: true },
    ...mdeColumn<SideRow | ChangeRow>(comparison),
    { head: 'adjusted p', cell: ({ adjustedP }) => adjustedP.toPrecision(2), right: true },
    { head: 'verdict', cell: (row) => answerWords(row, 'change') },
  ];
  const notes = rows.flatMap((row) => {
    const note = movedNote(row);
    return note === null ? [] : [`${printable(row.workload)}, ${printable(row.variant)}: ${note}`];
  });
  return [render(columns, rows), ...levels(rows.map(({ ratio }) => ratio)), ...notes].join('\n');
}

/** Formats the hosts that measured, with their rates of false alarms and their guests' noise. */
export function hostTable(hosts: readonly Host[]): string {
  const columns: Column<Host>[] = [
    { head: 'host', cell: ({ digest }) => digest.slice(0, 19) },
    { head: 'CPU', cell: ({ fingerprint }) => printable(String(fingerprint.cpuModel ?? NONE)) },
    { head: 'A/A comparisons', cell: ({ comparisons }) => String(comparisons), right: true },
    { head: 'alarms', cell: ({ alarms }) => String(alarms), right: true },
    { head: 'rate', cell: ({ rate }) => (rate === null ? null : percent(rate)), right: true },
    { head: 'interval at 95 %', cell: ({ low, high }) => `[${percent(low)}, ${percent(high)}]` },
    { head: 'nominal', cell: ({ nominal }) => percent(nominal), right: true },
    {
      head: 'verdicts',
      cell: ({ comparisons, advisory }) =>
        comparisons === 0 ? 'unknown: no A/A job counts' : advisory ? 'advisory' : 'binding',
    },
  ];
  const guests = hosts.flatMap(({ digest, guests }) =>
    guests.map((guest) => ({ digest, ...guest })),
  );
  const guestColumns: Column<(typeof guests)[number]>[] = [
    { head: 'host', cell: ({ digest }) => digest.slice(0, 19) },
    { head: 'target', cell: ({ target }) => target },
    { head: 'workload', cell: ({ workload }) => printable(workload) },
    { head: 'noise sd', cell: ({ noiseSd }) => percent(noiseSd), right: true },
    {
      head: 'layout sd',
      cell: ({ layoutSd }) => (layoutSd === null ? null : percent(layoutSd)),
      right: true,
    },
    { head: 'a run', cell: ({ runSeconds }) => `${(1e3 * runSeconds).toFixed(0)} ms`, right: true },
  ];
  return [
    render(columns, hosts),
    ...(guests.length === 0
      ? []
      : ['variation of guests: noise per block, layout over links', render(guestColumns, guests)]),
  ].join('\n');
}

/** Formats the results of a reproduced job beside the original ones. */
export function reproductionText({ ratios, builds, sameHost, reproduced }: Reproduction): string {
  const yes = (value: boolean) => (value ? 'yes' : 'no');
  const effects = ratios.some(({ minimumDetectableRatio }) => minimumDetectableRatio !== null);
  return [
    render<Reproduction['ratios'][number]>(
      [
        { head: 'workload', cell: ({ workload }) => printable(workload) },
        { head: 'variant', cell: ({ variant }) => printable(variant) },
        { head: 'ratio', cell: ({ what }) => what },
        { head: 'first', cell: ({ first }) => ratioWords(first) },
        { head: 'again', cell: ({ second }) => (second === null ? null : ratioWords(second)) },
        ...(effects
          ? [
              {
                head: 'MDE',
                cell: ({ minimumDetectableRatio }: Reproduction['ratios'][number]) =>
                  effect(minimumDetectableRatio),
                right: true,
              },
            ]
          : []),
        { head: 'overlap', cell: ({ overlap }) => yes(overlap) },
      ],
      ratios,
    ),
    render<Reproduction['builds'][number]>(
      [
        { head: 'build', cell: ({ variant }) => printable(variant) },
        { head: 'same key', cell: ({ sameKey }) => yes(sameKey) },
        { head: 'same binary', cell: ({ sameBinary }) => yes(sameBinary) },
      ],
      builds,
    ),
    `${sameHost ? 'the same host' : 'another host'}; ` +
      (reproduced
        ? 'reproduced: all intervals overlap'
        : 'not reproduced: intervals do not overlap'),
  ].join('\n');
}

/** Formats the comparisons of a bisection, each of a candidate with the first one. */
export function trialTable({
  candidates,
  trials,
}: {
  readonly candidates: readonly { readonly name: string }[];
  readonly trials: readonly BisectTrial[];
}): string {
  const name = (index: number) => printable(candidates[index]?.name ?? NONE);
  const effects = trials.some(({ seen }) => (seen?.minimumDetectableRatio ?? null) !== null);
  return render<BisectTrial>(
    [
      { head: `over ${name(0)}`, cell: ({ candidate }) => name(candidate) },
      { head: 'attempt', cell: ({ attempt }) => String(attempt), right: true },
      { head: 'ratio', cell: ({ seen }) => seen?.ratio.ratio.toFixed(3) ?? null, right: true },
      { head: 'interval', cell: ({ seen }) => (seen === null ? null : ratioWords(seen.ratio)) },
      ...(effects
        ? [
            {
              head: 'MDE',
              cell: ({ seen }: BisectTrial) => effect(seen?.minimumDetectableRatio ?? null),
              right: true,
            },
          ]
        : []),
      { head: 'answer', cell: ({ answer }) => answer },
    ],
    trials,
  );
}

function amount(value: number, unit: string): string {
  return unit === 'ns' ? `${(value / 1e6).toFixed(1)} ms` : measuredText(value, printable(unit));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Formats the minimum detectable effect. */
function effect(minimumDetectableRatio: number | null): string | null {
  return minimumDetectableRatio === null ? null : percent(minimumDetectableRatio - 1);
}
