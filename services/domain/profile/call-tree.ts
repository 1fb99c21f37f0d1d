// SPDX-License-Identifier: GPL-2.0-or-later
import { PROFILE_PARTS, type ProfileFrame } from '#contract/profile.js';
import type { CallGraph } from './call-graph.js';
import type { Classified } from './classify.js';

/** Share of the total below which a frame is added to its caller. */
const SMALLEST_SHARE = 0.0005;
const DEEPEST = 64;
const MOST_FRAMES = 4_000;

/**
 * Estimates a call tree from a call graph. A function's cost is divided among its callers by the
 * cost of their calls, since the graph does not tell which caller caused what. A frame that is
 * small, deep or recursive is added to its caller, so the frames add up to the total.
 *
 * @param total Cost of the whole graph.
 */
export function callTree(graph: CallGraph, parts: Classified, total: number): ProfileFrame[] {
  const self = graph.functions.map(({ pieces }) =>
    pieces.reduce((sum, { lines }) => lines.reduce((all, line) => all + line.self, sum), 0),
  );
  const callees = new Map<number, { callee: number; cost: number }[]>();
  const called = new Set<number>();
  for (const { caller, callee, cost } of graph.calls) {
    if (caller === callee) continue;
    called.add(callee);
    const list = callees.get(caller) ?? [];
    list.push({ callee, cost });
    callees.set(caller, list);
  }
  for (const list of callees.values()) list.sort((a, b) => b.cost - a.cost);
  const inclusive = self.map((cost, index) =>
    (callees.get(index) ?? []).reduce((sum, call) => sum + call.cost, cost),
  );
  const roots = self.flatMap((_, index) =>
    called.has(index) || inclusive[index] === 0 ? [] : [index],
  );
  roots.sort((a, b) => inclusive[b]! - inclusive[a]!);

  const frames: { parent: number; index: number; self: number }[] = [];
  const path = new Set<number>();
  const visit = (index: number, amount: number, parent: number): void => {
    const place = frames.push({ parent, index, self: 0 }) - 1;
    path.add(index);
    let left = amount;
    for (const { callee, cost } of callees.get(index) ?? []) {
      const share = Math.min(left, (amount * cost) / inclusive[index]!);
      if (share < total * SMALLEST_SHARE || frames.length >= MOST_FRAMES) break;
      if (path.has(callee) || path.size >= DEEPEST) continue;
      visit(callee, share, place);
      left -= share;
    }
    path.delete(index);
    frames[place]!.self = left;
  };
  const reached = roots.reduce((sum, root) => sum + inclusive[root]!, 0);
  // Jumps between translated blocks look like calls that never return, and count twice.
  for (const root of roots) {
    const amount = (inclusive[root]! * total) / reached;
    if (amount >= total * SMALLEST_SHARE) visit(root, amount, -1);
  }
  return frames.map(({ parent, index, self: cost }) => ({
    parent,
    name: graph.functions[index]!.name,
    part: PROFILE_PARTS[largest(parts.own[index]!)]!,
    self: Math.round(cost),
  }));
}

const largest = (shares: readonly number[]): number => shares.indexOf(Math.max(...shares));
