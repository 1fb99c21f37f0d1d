// SPDX-License-Identifier: GPL-2.0-or-later
import { printable } from '#client/printable.js';
import type {
  Explanation,
  FullExplanation,
  FunctionChange,
  PartChange,
} from '#contract/explanation.js';
import {
  causeWords,
  changeWords,
  costWords,
  explanationWords,
  PART_WORDS,
  placeWords,
} from '#contract/explanation-words.js';
import type { ProfileSummary } from '#contract/profile.js';
import { shownVariant } from '#contract/side.js';
import { render, type Column } from './render.js';

/** Functions of a table; `--json` has more. */
const SHOWN_FUNCTIONS = 12;
/** Share of a profile below which a part is not shown. */
const SMALLEST_PART = 0.0005;

/** Formats explanations with at most three causes each, for `show`. */
export function causesText(explanations: readonly Explanation[]): string[] {
  return explanations
    .filter(({ causes }) => causes.length > 0)
    .flatMap((explanation) => [
      printable(`why: ${explanationWords(explanation)}`),
      ...explanation.causes.map((cause) => printable(`  ${causeWords(cause, explanation.unit)}`)),
    ]);
}

/** Formats explanations with tables of parts and functions. */
export function explanationText(explanations: readonly FullExplanation[]): string {
  return explanations
    .map((explanation) =>
      [
        printable(explanationWords(explanation)),
        ...explanation.causes.map((cause) => printable(`  ${causeWords(cause, explanation.unit)}`)),
        render(
          columns('part', ({ part }: PartChange) => PART_WORDS[part]),
          noticeable(explanation),
        ),
        render(
          [
            ...columns('function', (change: FunctionChange) => printable(placeWords(change))),
            { head: 'part', cell: ({ part }: FunctionChange) => PART_WORDS[part] },
          ],
          explanation.functions.slice(0, SHOWN_FUNCTIONS),
        ),
      ].join('\n'),
    )
    .join('\n\n');
}

function noticeable({ parts, before, after }: FullExplanation): PartChange[] {
  const smallest = Math.max(before, after) * SMALLEST_PART;
  return parts.filter((part) => Math.max(part.before, part.after) >= smallest);
}

function columns<R extends Pick<PartChange, 'before' | 'after' | 'low' | 'high'>>(
  head: string,
  name: (row: R) => string,
): Column<R>[] {
  return [
    { head, cell: name },
    { head: 'before', cell: ({ before }) => costWords(before), right: true },
    { head: 'after', cell: ({ after }) => costWords(after), right: true },
    {
      head: 'change',
      cell: ({ before, after, low, high }) =>
        changeWords(after - before) +
        (low === null || high === null ? '' : ` [${changeWords(low)}, ${changeWords(high)}]`),
      right: true,
    },
  ];
}

/** Formats the profiles of a job: a line per run, with a column per part that one of them has. */
export function profilesText(profiles: readonly ProfileSummary[]): string {
  if (profiles.length === 0) return '';
  const parts = (profiles[0]?.split ?? [])
    .map(({ part }) => part)
    .filter((part) =>
      profiles.some(({ split, total }) =>
        split.some((one) => one.part === part && one.self >= total * SMALLEST_PART),
      ),
    );
  return render(
    [
      { head: 'workload', cell: ({ workload }) => printable(workload) },
      {
        head: 'variant',
        cell: ({ variant, side }) => printable(shownVariant({ name: variant, side })),
      },
      { head: 'total', cell: ({ total, unit }) => `${costWords(total)} ${unit}`, right: true },
      ...parts.map((part): Column<ProfileSummary> => ({
        head: PART_WORDS[part],
        cell: ({ split, total }) => {
          const self = split.find((one) => one.part === part)?.self ?? 0;
          return `${((100 * self) / total).toFixed(1)} %`;
        },
        right: true,
      })),
    ],
    profiles,
  );
}
