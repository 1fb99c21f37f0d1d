// SPDX-License-Identifier: GPL-2.0-or-later
import type { Alert, HistoryChange, HistoryPoint, Mark } from '#contract/history.js';
import { changePoints } from '#statistics/change-points.js';

/** Number of newest points analysed per host; run time is quadratic in it. */
const SERIES_LIMIT = 150;
/** Fewest points with a change point: two segments of three. */
export const LEAST_POINTS = 6;
/**
 * Distance in points. A change point that moves by at most this much as the series grows stays the
 * same one; a mark within this distance explains it.
 */
const SAME_WITHIN_POINTS = 2;

/**
 * With 999 permutations a single equally good one would hide a shift, and the shift would come and
 * go as the series grows. With 4,999, four may be equally good.
 */
const OPTIONS = {
  significance: 0.001,
  permutations: 4_999,
  minMagnitude: 0.02,
  minLength: 3,
} as const;

/**
 * Returns the change points of a series, searched per host: a move to another machine is not a
 * change of the code.
 *
 * @param points Oldest first. A host with a value that is not positive has no change points.
 * @returns Change points in the order of the points.
 */
export function seriesChanges(points: readonly HistoryPoint[]): HistoryChange[] {
  const changes = [...byHost(points).values()].flatMap((hostPoints) => {
    const recent = hostPoints.slice(-SERIES_LIMIT);
    if (!recent.every(({ value }) => Number.isFinite(value) && value > 0)) return [];
    return changePoints(
      recent.map(({ value }) => value),
      OPTIONS,
    ).map(({ index, before, after, ratio, pValue }): HistoryChange => {
      const { id, hostFingerprint, direction } = recent[index]!;
      return {
        pointId: id,
        hostFingerprint,
        before,
        after,
        ratio,
        pValue,
        worse: ratio > 1 === (direction === 'smaller-is-better'),
      };
    });
  });
  const place = places(points);
  return changes.sort((a, b) => place.get(a.pointId)! - place.get(b.pointId)!);
}

/** The updates of a series' alerts. */
export interface AlertPlan {
  /** Alerts that stay, each with its current change point. */
  readonly kept: readonly {
    readonly alert: Alert;
    readonly change: HistoryChange;
    readonly mark: Mark | null;
  }[];
  /** Change points without an alert, and without a mark. */
  readonly opened: readonly HistoryChange[];
  /** Alerts whose change point is no longer found. */
  readonly gone: readonly Alert[];
}

/**
 * Matches alerts with the series' current change points, nearest first: same host, same direction,
 * at most `SAME_WITHIN_POINTS` points of that host apart. So an alert keeps its state and comments
 * when further points shift its change point.
 */
export function planAlerts(
  points: readonly HistoryPoint[],
  changes: readonly HistoryChange[],
  alerts: readonly Alert[],
  marks: readonly Mark[],
): AlertPlan {
  const place = hostPlaces(points);
  const pairs = alerts
    .flatMap((alert) =>
      changes.map((change) => ({
        alert,
        change,
        apart: Math.abs((place.get(alert.pointId) ?? Infinity) - place.get(change.pointId)!),
      })),
    )
    .filter(
      ({ alert, change, apart }) =>
        apart <= SAME_WITHIN_POINTS &&
        alert.hostFingerprint === change.hostFingerprint &&
        alert.worse === change.worse,
    )
    .sort((a, b) => a.apart - b.apart);
  const kept = new Map<Alert, HistoryChange>();
  const taken = new Set<HistoryChange>();
  for (const { alert, change } of pairs) {
    if (kept.has(alert) || taken.has(change)) continue;
    kept.set(alert, change);
    taken.add(change);
  }
  return {
    kept: [...kept].map(([alert, change]) => ({
      alert,
      change,
      mark: markOf(points, change, marks),
    })),
    opened: changes.filter(
      (change) => !taken.has(change) && markOf(points, change, marks) === null,
    ),
    gone: alerts.filter((alert) => !kept.has(alert)),
  };
}

/**
 * Returns the mark that explains a change point: the first point at or after the mark, on the same
 * host, is near the change point.
 */
function markOf(
  points: readonly HistoryPoint[],
  change: HistoryChange,
  marks: readonly Mark[],
): Mark | null {
  const hostPoints = byHost(points).get(change.hostFingerprint)!;
  const at = hostPoints.findIndex(({ id }) => id === change.pointId);
  const near = (mark: Mark): boolean => {
    // The commit may have been measured on another host only; then its time is used.
    const time = mark.at ?? points.find(({ commit }) => commit === mark.commit)?.at;
    const first =
      time === undefined
        ? -1
        : hostPoints.findIndex((point) => Date.parse(point.at) >= Date.parse(time));
    return first !== -1 && Math.abs(first - at) <= SAME_WITHIN_POINTS;
  };
  return marks.find(near) ?? null;
}

function byHost(points: readonly HistoryPoint[]): Map<string, HistoryPoint[]> {
  const hosts = new Map<string, HistoryPoint[]>();
  for (const point of points) {
    const hostPoints = hosts.get(point.hostFingerprint) ?? [];
    hostPoints.push(point);
    hosts.set(point.hostFingerprint, hostPoints);
  }
  return hosts;
}

const places = (points: readonly HistoryPoint[]): Map<string, number> =>
  new Map(points.map(({ id }, index) => [id, index]));

/** Returns the index of every point among its host's points. */
const hostPlaces = (points: readonly HistoryPoint[]): Map<string, number> =>
  new Map([...byHost(points).values()].flatMap((hostPoints) => [...places(hostPoints)]));
