// SPDX-License-Identifier: GPL-2.0-or-later
import type { History, HistoryChange } from '#contract/history.js';

/** A stretch of one host's points between two of its level shifts. */
export interface Level {
  readonly host: string;
  /** Indexes of its first and last point. */
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

export interface Shift {
  /** Index of the first point of the new level. */
  readonly at: number;
  /** Index of the host's point before it. */
  readonly before: number;
  readonly change: HistoryChange;
}

/** Returns the shifts of a series and the levels around them. */
export function levelsOf({ points, changePoints }: Pick<History, 'points' | 'changePoints'>): {
  levels: Level[];
  shifts: Shift[];
} {
  const place = new Map(points.map(({ id }, index) => [id, index]));
  const levels: Level[] = [];
  const shifts: Shift[] = [];
  for (const host of new Set(changePoints.map(({ hostFingerprint }) => hostFingerprint))) {
    const hostIndices = points.flatMap((point, index) =>
      point.hostFingerprint === host ? [index] : [],
    );
    const changes = changePoints.filter(({ hostFingerprint }) => hostFingerprint === host);
    let from = hostIndices[0]!;
    changes.forEach((change, index) => {
      const at = place.get(change.pointId)!;
      const before = hostIndices[hostIndices.indexOf(at) - 1]!;
      levels.push({ host, from, to: before, value: change.before });
      shifts.push({ at, before, change });
      from = at;
      if (index === changes.length - 1)
        levels.push({ host, from, to: hostIndices.at(-1)!, value: change.after });
    });
  }
  return { levels, shifts };
}

/**
 * Returns the index of the point at a mark: at its commit, or else the first point at or after its
 * time. Null without such a point.
 */
export function placeOfMark(
  { points }: Pick<History, 'points'>,
  mark: History['marks'][number],
): number | null {
  const at = points.findIndex((point) =>
    mark.commit === null
      ? Date.parse(point.at) >= Date.parse(mark.at!)
      : point.commit === mark.commit,
  );
  return at === -1 ? null : at;
}
