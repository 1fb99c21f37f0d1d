import Table from 'cli-table3';
import type { BisectTrial } from '../contract/bisect.js';
import type {
  ChangeRow,
  Comparison,
  ComparisonRow,
  CostPerEvent,
  RatioInterval,
  SideRow,
  Verdict,
} from '../contract/comparison.js';
import type { Host } from '../contract/host.js';
import { tooFewBlocks } from '../contract/judged.js';
import { shownVariant } from '../contract/side.js';
import { printable } from '../client/printable.js';
import type { Reproduction } from './reproduce.js';

const NONE = '—';

/** Verdicts on what a variant costs: nothing got worse, it is slower. */
const OVERHEAD: Record<Verdict, string> = {
  regression: 'slower',
  improvement: 'faster',
  'no-change': 'no difference',
  inconclusive: 'inconclusive',
};
/** The same of what is no time. */
const DIFFERENCE: Record<Verdict, string> = {
  ...OVERHEAD,
  regression: 'worse',
  improvement: 'better',
};

/** A comparison as people read it: the overhead matrix; with a base, head against it and the change of overheads; how to reproduce it. */
export function comparisonText(comparison: Comparison): string {
  const { sides, changes, same, unit } = comparison;
  const parts = [comparisonTable(comparison)];
  if (sides.length > 0)
    parts.push(same ? 'head against itself (A/A)' : 'head against base', sideTable(sides, unit));
  if (changes.length > 0) parts.push('change of overhead', sideTable(changes, unit));
  const few = tooFewBlocks(comparison);
  if (few !== null) parts.push(few);
  parts.push(
    ...comparison.advisoryReasons.map((reason) => `verdicts are advisory: ${printable(reason)}`),
  );
  return [
    ...parts,
    `dashboard: ${printable(comparison.link)}`,
    `reproduce: ${printable(comparison.reproduce)}`,
  ].join('\n');
}

/** The overhead matrix: one line per workload and variant, and below it what speaks against it. */
export function comparisonTable(comparison: Comparison): string {
  const median =
    comparison.metric === 'wallNs' ? 'median wall' : `median ${printable(comparison.metric)}`;
  const head = [
    'workload',
    'variant',
    median,
    `ratio to ${comparison.baseline}`,
    'interval',
    'finds from',
    'verdict',
    'ns/event',
    'events',
    'records stored',
    'dropped',
  ];
  const table = render(
    head,
    comparison.rows.map((row) => cells(row, comparison)),
    [2, 3, 5, 7, 8, 9, 10],
  );
  return `${table}${comparison.mixedHosts ? "\nThese are samples of different hosts, or states of a host: the ratios may be the hosts'." : ''}`;
}

function cells(row: ComparisonRow, { metric, unit, baseline }: Comparison): string[] {
  const { ratio } = row;
  return [
    printable(row.workload),
    printable(shownVariant({ name: row.variant, side: row.side })),
    row.median === null ? NONE : amount(row.median, unit),
    ratio === null ? (row.variant === baseline ? '1' : NONE) : ratio.ratio.toFixed(3),
    intervalText(ratio),
    effect(row.detectableRatio),
    row.verdict === null ? NONE : (unit === 'ns' ? OVERHEAD : DIFFERENCE)[row.verdict],
    metric === 'wallNs' ? costText(row.nsPerEvent) : NONE,
    row.events ?? NONE,
    row.recordsStored ?? NONE,
    row.recordsDropped ?? NONE,
  ];
}

function costText(cost: CostPerEvent | null): string {
  if (cost === null) return NONE;
  const digits = Math.max(Math.abs(cost.low), Math.abs(cost.high)) < 1_000 ? 1 : 0;
  return `${cost.value.toFixed(digits)} [${cost.low.toFixed(digits)}, ${cost.high.toFixed(digits)}]`;
}

/** Head against base, by variants or by their overheads. */
function sideTable(rows: readonly (SideRow | ChangeRow)[], unit: string): string {
  const medians = rows.some((row) => 'headMedian' in row);
  const head = [
    'workload',
    'variant',
    ...(medians ? ['median head', 'median base'] : []),
    'ratio',
    'interval',
    'p',
    'adjusted',
    'finds from',
    'threshold',
    'verdict',
  ];
  const lines = rows.map((row) => [
    printable(row.workload),
    printable(row.variant),
    ...('headMedian' in row ? [amount(row.headMedian, unit), amount(row.baseMedian, unit)] : []),
    row.ratio.ratio.toFixed(3),
    intervalText(row.ratio),
    row.pValue.toPrecision(2),
    row.adjustedP.toPrecision(2),
    effect(row.detectableRatio),
    `${100 * row.threshold} %`,
    verdictText(row),
  ]);
  return render(head, lines, medians ? [2, 3, 4, 6, 7, 8, 9] : [2, 4, 5, 6, 7]);
}

/** Verdict, and what a second batch had to do with it. */
function verdictText({ verdict, suspected, confirmation }: ChangeRow): string {
  if (verdict === null) return 'not complete';
  if (suspected)
    return confirmation === null
      ? `${verdict} (suspected regression, no second batch)`
      : `${verdict} (suspected regression, not confirmed)`;
  return verdict === 'regression' ? `${verdict} (confirmed)` : verdict;
}

/** Which hosts measured and how far their verdicts can be trusted. */
export function hostTable(hosts: readonly Host[]): string {
  const percent = (rate: number) => `${(100 * rate).toFixed(1)} %`;
  const lines = hosts.map((host) => [
    host.digest.slice(0, 19),
    printable(String(host.fingerprint.cpuModel ?? NONE)),
    String(host.comparisons),
    String(host.alarms),
    host.rate === null ? NONE : percent(host.rate),
    `[${percent(host.low)}, ${percent(host.high)}]`,
    host.comparisons === 0 ? 'unknown: no A/A job' : host.advisory ? 'advisory' : 'may judge',
  ]);
  return render(
    ['host', 'CPU', 'A/A comparisons', 'alarms', 'rate', 'interval at 95 %', 'verdicts'],
    lines,
    [2, 3, 4],
  );
}

/** A job that was run again, beside what came of it before. */
export function reproductionText({ ratios, builds, sameHost, reproduced }: Reproduction): string {
  const yes = (value: boolean) => (value ? 'yes' : 'no');
  const lines = ratios.map(
    ({ what, workload, variant, first, second, detectableRatio, overlap }) => [
      printable(workload),
      printable(variant),
      what,
      intervalText(first),
      intervalText(second),
      effect(detectableRatio),
      yes(overlap),
    ],
  );
  const built = builds.map(({ variant, sameKey, sameBinary }) => [
    printable(variant),
    yes(sameKey),
    yes(sameBinary),
  ]);
  return [
    render(['workload', 'variant', 'ratio', 'first', 'again', 'finds from', 'overlap'], lines, [5]),
    render(['build', 'same key', 'same binary'], built, []),
    `${sameHost ? 'the same host' : 'another host'}; ${reproduced ? 'reproduced: all intervals overlap' : 'not reproduced: intervals do not overlap'}`,
  ].join('\n');
}

/** The comparisons that a bisection made, each of a candidate with the first. */
export function trialTable({
  candidates,
  trials,
}: {
  readonly candidates: readonly { readonly name: string }[];
  readonly trials: readonly BisectTrial[];
}): string {
  const lines = trials.map(({ candidate, attempt, answer, seen }) => [
    printable(candidates[candidate]?.name ?? NONE),
    String(attempt),
    seen === null ? NONE : seen.ratio.ratio.toFixed(3),
    intervalText(seen?.ratio ?? null),
    effect(seen?.detectableRatio ?? null),
    answer ?? NONE,
  ]);
  return render(
    [
      `over ${printable(candidates[0]?.name ?? NONE)}`,
      'attempt',
      'ratio',
      'interval',
      'finds from',
      'answer',
    ],
    lines,
    [1, 2, 4],
  );
}

function render(head: string[], lines: readonly string[][], right: readonly number[]): string {
  const table = new Table({
    head,
    style: { head: [], border: [] },
    colAligns: head.map((_, column) => (right.includes(column) ? 'right' : 'left')),
  });
  table.push(...lines);
  return table.toString();
}

function amount(value: number, unit: string): string {
  return unit === 'ns' ? `${(value / 1e6).toFixed(1)} ms` : `${value} ${printable(unit)}`;
}

function intervalText(ratio: RatioInterval | null): string {
  return ratio === null
    ? NONE
    : `[${ratio.low.toFixed(3)}, ${ratio.high.toFixed(3)}] at ${(100 * ratio.confidence).toFixed(1)} %`;
}

/** The minimum detectable effect. */
function effect(detectableRatio: number | null): string {
  return detectableRatio === null ? NONE : `${(100 * (detectableRatio - 1)).toFixed(1)} %`;
}
