// SPDX-License-Identifier: GPL-2.0-or-later
import type { Side } from '#contract/side.js';

/** Selection on the page of a comparison. The address stores it, so that a link shows the same. */
export interface Choice {
  readonly metric: string;
  /** Label of a workload; null selects the first one in figures and all of them in tables. */
  readonly workload: string | null;
  /** Labels of variants; an empty list selects all. */
  readonly variants: readonly string[];
  readonly side: Side | null;
  /** Id of the job to show beside this one. */
  readonly with: string | null;
  readonly mixedHosts: boolean;
}

export const FIRST_METRIC = 'wallNs';

export function readChoice(search: URLSearchParams): Choice {
  const side = search.get('side');
  return {
    metric: search.get('metric') ?? FIRST_METRIC,
    workload: search.get('workload'),
    variants: search.getAll('variant'),
    side: side === 'head' || side === 'base' ? side : null,
    with: search.get('with'),
    mixedHosts: search.get('mixedHosts') === 'true',
  };
}

/** Returns the parameters of the address, without defaults. */
export function writeChoice(choice: Choice): URLSearchParams {
  const search = new URLSearchParams();
  if (choice.metric !== FIRST_METRIC) search.set('metric', choice.metric);
  if (choice.workload !== null) search.set('workload', choice.workload);
  for (const variant of choice.variants) search.append('variant', variant);
  if (choice.side !== null) search.set('side', choice.side);
  if (choice.with !== null) search.set('with', choice.with);
  if (choice.mixedHosts) search.set('mixedHosts', 'true');
  return search;
}

/** Switches one variant on or off. Returns an empty list if all are on; the last one stays on. */
export function toggled(
  chosen: readonly string[],
  variant: string,
  all: readonly string[],
): readonly string[] {
  const shown = chosen.length === 0 ? all : chosen;
  const next = shown.includes(variant)
    ? shown.filter((other) => other !== variant)
    : all.filter((other) => other === variant || shown.includes(other));
  if (next.length === 0) return shown;
  return next.length === all.length ? [] : next;
}
