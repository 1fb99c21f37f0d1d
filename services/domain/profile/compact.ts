// SPDX-License-Identifier: GPL-2.0-or-later
import {
  PROFILE_PARTS,
  type PartCost,
  type Profile,
  type ProfileFunction,
} from '#contract/profile.js';
import { sourcePath, type CallGraph } from './call-graph.js';
import { callTree } from './call-tree.js';
import { classify, type Shares } from './classify.js';

/** Share of the total below which a function or a line is not listed. */
const SMALLEST_SHARE = 0.0001;
const MOST_FUNCTIONS = 1_000;
const MOST_LINES = 12;
/** Share of a function below which a part's share is added to its largest part. */
const SMALLEST_PART = 0.02;

/** Returns the compact form of a profile: its split, its functions and its call tree. */
export function compactProfile(
  graph: CallGraph,
): Pick<Profile, 'total' | 'split' | 'functions' | 'omitted' | 'tree'> {
  const parts = classify(graph);
  const all: ProfileFunction[] = [];
  for (const [index, { name, object, file, pieces }] of graph.functions.entries())
    for (const piece of pieces) {
      const lines = piece.lines.filter(({ self }) => self > 0);
      const self = lines.reduce((sum, line) => sum + line.self, 0);
      if (self === 0) continue;
      const shares = piece.file === file ? parts.own[index]! : parts.inlined(index, piece.file);
      for (const [part, share] of noticeable(shares))
        all.push({
          name,
          object: object.slice(object.lastIndexOf('/') + 1),
          file: sourcePath(piece.file),
          part,
          self: Math.round(self * share),
          lines: lines.map((line) => ({ ...line, self: Math.round(line.self * share) })),
        });
    }
  const functions = merged(all).sort((a, b) => b.self - a.self);
  const total = functions.reduce((sum, { self }) => sum + self, 0);
  const smallest = total * SMALLEST_SHARE;
  const listed = functions.slice(0, MOST_FUNCTIONS).filter(({ self }) => self >= smallest);
  return {
    total,
    split: splitOf(functions),
    functions: listed.map((each) => ({ ...each, lines: expensive(each.lines, smallest) })),
    omitted: splitOf(functions.slice(listed.length)),
    tree: callTree(graph, parts, total),
  };
}

/** Returns the parts with a noticeable share; the shares still add up to 1. */
function noticeable(shares: Shares): [ProfileFunction['part'], number][] {
  const kept = shares.map((share) => (share < SMALLEST_PART ? 0 : share));
  const sum = kept.reduce((total, share) => total + share, 0);
  return kept.flatMap((share, index) =>
    share === 0 ? [] : [[PROFILE_PARTS[index]!, share / sum] as [ProfileFunction['part'], number]],
  );
}

/** Joins entries that differ only in the compiler's copy of the function. */
function merged(all: readonly ProfileFunction[]): ProfileFunction[] {
  const found = new Map<string, ProfileFunction>();
  for (const each of all) {
    const name = each.name.replace(/\.(?:constprop|isra|part|cold|lto_priv)(?:\.\d+)?/g, '');
    const key = JSON.stringify([each.object, name, each.file, each.part]);
    const before = found.get(key) ?? { ...each, name, self: 0, lines: [] };
    before.self += each.self;
    // A hostile profile has as many copies as functions: copying the list for each takes hours.
    for (const line of each.lines) before.lines.push(line);
    found.set(key, before);
  }
  return [...found.values()];
}

function expensive(lines: ProfileFunction['lines'], smallest: number): ProfileFunction['lines'] {
  const sums = new Map<number, number>();
  for (const { line, self } of lines) if (line > 0) sums.set(line, (sums.get(line) ?? 0) + self);
  return [...sums]
    .map(([line, self]) => ({ line, self }))
    .filter(({ self }) => self >= smallest)
    .sort((a, b) => b.self - a.self)
    .slice(0, MOST_LINES);
}

function splitOf(functions: readonly ProfileFunction[]): PartCost[] {
  return PROFILE_PARTS.map((part) => ({
    part,
    self: functions.reduce((sum, each) => sum + (each.part === part ? each.self : 0), 0),
  }));
}
