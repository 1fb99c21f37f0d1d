import type { Side } from '../../../contract/side.js';

/** What of a comparison is shown; it is all in the address, so that a link shows the same. */
export interface Choice {
  readonly metric: string;
  /** Label; null: the first, and in tables all. */
  readonly workload: string | null;
  /** As they are shown; none: all. */
  readonly variants: readonly string[];
  readonly side: Side | null;
  /** Id of the job beside which this one is put. */
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

/** What is as it is anyway is left out. */
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

/** The variants after one has been switched on or off; all is none chosen, and the last one stays. */
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
