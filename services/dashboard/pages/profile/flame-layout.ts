// SPDX-License-Identifier: GPL-2.0-or-later
import type { Profile, ProfileFrame } from '#contract/profile.js';

/** A frame's place in a flame graph; left and width are shares of the whole. */
export interface FlameBox {
  /** Index of the frame in the tree. */
  readonly index: number;
  readonly frame: ProfileFrame;
  readonly depth: number;
  readonly left: number;
  readonly width: number;
  /** Cost of the frame with everything below it. */
  readonly total: number;
}

/** Share of the width below which a frame cannot be seen. */
const NARROWEST = 0.001;

/** Returns the cost of every frame with everything below it. */
function frameTotals(tree: Profile['tree']): number[] {
  const totals = tree.map(({ self }) => self);
  // Parents stand before their children.
  for (let index = tree.length - 1; index >= 0; index -= 1) {
    const { parent } = tree[index]!;
    if (parent !== -1) totals[parent]! += totals[index]!;
  }
  return totals;
}

/**
 * Places the frames of a tree: roots first, the most expensive frame of each parent on the left.
 *
 * @param zoomed Frame that takes the whole width, with its callers above it; null: all roots.
 */
export function flameLayout(tree: Profile['tree'], zoomed: number | null): FlameBox[] {
  const totals = frameTotals(tree);
  const children = new Map<number, number[]>();
  for (const [index, { parent }] of tree.entries())
    children.set(parent, [...(children.get(parent) ?? []), index]);
  const boxes: FlameBox[] = [];
  const place = (indices: readonly number[], depth: number, left: number, scale: number) => {
    let at = left;
    for (const index of indices.toSorted((a, b) => totals[b]! - totals[a]!)) {
      const width = totals[index]! * scale;
      if (width < NARROWEST) break;
      boxes.push({ index, frame: tree[index]!, depth, left: at, width, total: totals[index]! });
      place(children.get(index) ?? [], depth + 1, at, scale);
      at += width;
    }
  };
  const callers = zoomed === null ? [] : callersOf(tree, zoomed);
  for (const [depth, index] of callers.entries())
    boxes.push({ index, frame: tree[index]!, depth, left: 0, width: 1, total: totals[index]! });
  const roots = zoomed === null ? (children.get(-1) ?? []) : [zoomed];
  const whole = roots.reduce((sum, index) => sum + totals[index]!, 0);
  place(roots, callers.length, 0, whole === 0 ? 0 : 1 / whole);
  return boxes;
}

/** Returns the callers of a frame, the root first. */
function callersOf(tree: Profile['tree'], index: number): number[] {
  const callers: number[] = [];
  for (let at = tree[index]!.parent; at !== -1; at = tree[at]!.parent) callers.unshift(at);
  return callers;
}

/** Returns the frame that a key moves to; null at the edge, and for other keys. */
export function neighbour(boxes: readonly FlameBox[], index: number, key: string): number | null {
  const here = boxes.find((box) => box.index === index);
  if (here === undefined) return boxes[0]?.index ?? null;
  const { depth, frame, left } = here;
  const inRow = (row: number) => boxes.filter((box) => box.depth === row);
  switch (key) {
    case 'ArrowUp':
      return frame.parent === -1 ? null : frame.parent;
    case 'ArrowDown':
      return inRow(depth + 1).find((box) => box.frame.parent === index)?.index ?? null;
    case 'ArrowLeft':
      return inRow(depth).findLast((box) => box.left < left)?.index ?? null;
    case 'ArrowRight':
      return inRow(depth).find((box) => box.left > left)?.index ?? null;
    default:
      return null;
  }
}

/**
 * Returns the change of every function's own cost from a reference, as a share of the larger total:
 * the colour of a differential flame graph.
 */
export function changesByName(profile: Profile, reference: Profile): Map<string, number> {
  const changes = new Map<string, number>();
  const add = ({ tree }: Profile, sign: number) => {
    for (const { name, self } of tree) changes.set(name, (changes.get(name) ?? 0) + sign * self);
  };
  add(profile, 1);
  add(reference, -1);
  const whole = Math.max(profile.total, reference.total);
  for (const [name, change] of changes) changes.set(name, change / whole);
  return changes;
}
