// SPDX-License-Identifier: GPL-2.0-or-later
import { timeText } from '#contract/trace-time.js';

/** An interval of a trace's time, in ns from its first record. */
export interface View {
  readonly fromNs: number;
  readonly toNs: number;
}

/** Length of the shortest view. */
const LEAST_NS = 64;

export const widthOf = ({ fromNs, toNs }: View): number => toNs - fromNs;

/** Moves and shortens a view so that it lies within a trace of this length. */
export function limitedView({ fromNs, toNs }: View, spanNs: number): View {
  const width = Math.min(spanNs, Math.max(LEAST_NS, toNs - fromNs));
  const from = Math.min(Math.max(0, (fromNs + toNs - width) / 2), spanNs - width);
  return { fromNs: from, toNs: from + width };
}

/** Scales a view by a factor; one moment stays in its place. */
export function zoomed({ fromNs, toNs }: View, factor: number, aroundNs: number): View {
  return {
    fromNs: aroundNs - (aroundNs - fromNs) * factor,
    toNs: aroundNs + (toNs - aroundNs) * factor,
  };
}

/** Moves a view by a share of its length. */
export function panned({ fromNs, toNs }: View, share: number): View {
  const byNs = (toNs - fromNs) * share;
  return { fromNs: fromNs + byNs, toNs: toNs + byNs };
}

/** Moves a view so that a moment is in its middle. */
export function centred({ fromNs, toNs }: View, atNs: number): View {
  const half = (toNs - fromNs) / 2;
  return { fromNs: atNs - half, toNs: atNs + half };
}

/**
 * Returns the ticks of a ruler. The step is 1, 2 or 5 times a power of ten, and every label has as
 * many digits as the step needs.
 */
export function ticks(
  view: View,
  most: number,
): { readonly atNs: number; readonly text: string }[] {
  const rough = widthOf(view) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(
    1,
    [1, 2, 5, 10].map((times) => times * power).find((candidate) => candidate >= rough)!,
  );
  const first = Math.ceil(view.fromNs / step) * step;
  const count = Math.floor((view.toNs - first) / step) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => ({
    atNs: first + index * step,
    text: timeText(first + index * step, step),
  }));
}
