// SPDX-License-Identifier: GPL-2.0-or-later
import type { EventCost } from '#contract/comparison.js';
import type { JobPlan } from '#contract/job.js';
import type { Sample } from '#contract/sample.js';
import { median } from '#statistics/median.js';
import { toFigure, type Scale } from './figure.js';
import type { Judge } from './judging.js';
import { type Cell, type Pair, type RunIndex } from './pairs.js';

/** Inputs for the costs of a job. */
export interface CostSources {
  readonly plan: JobPlan;
  readonly index: RunIndex;
  readonly judge: Judge;
}

/**
 * Returns the cost of a variant beyond its baseline, once per run (start) and per event.
 *
 * With D = wall(variant) - wall(baseline) per block, there are three cases. If the workload has an
 * empty size, the cost per event is the slope of D over events from the empty to the full size, and
 * the start is the rest of D at the empty size. A workload without sizes takes the start from
 * another workload of the job that has an empty size. Otherwise D / events is an average that
 * includes the start.
 *
 * A variant that counts no events has only a start.
 *
 * @returns null if none of them can be estimated.
 */
export function eventCostOf(
  sources: CostSources,
  candidate: Cell,
  reference: Cell,
): EventCost | null {
  const { index, judge, plan } = sources;
  const full = index.pairs(candidate, reference);
  if (full.length === 0) return null;
  const empty = byBlock(index.pairs(candidate, reference, 'empty'));
  // A backend counts events only in runs whose trace was stored; assume the same number in others.
  const known = full.flatMap(({ candidate: run }) => eventCount(run) ?? []);
  const usual = known.length === 0 ? 0 : median(known);
  const events = full.map(({ candidate: run }) => eventCount(run) ?? usual);
  const scale = {
    wallNs: median(full.map(({ reference: run }) => Number(run.wallNs))),
    events: median(events),
  };
  if (events.includes(0)) {
    if (empty.size === 0) return null;
    const start = judge.centre([...empty.values()].map(difference));
    return { startNs: toFigure(start, scale, 1), perEventNs: null, averageNs: null, bendNs: null };
  }
  if (empty.size > 0) return bySizes(sources, { candidate, reference, empty, full, events, scale });

  const startNs = plan.workloads
    .filter(({ label }) => label !== candidate.workload)
    .map(({ label }) =>
      startOf(sources, { ...candidate, workload: label }, { ...reference, workload: label }),
    )
    .find((start) => start !== null);
  if (startNs !== undefined) {
    const start = judge.centre(startNs);
    return {
      startNs: toFigure(start, scale, 1),
      perEventNs:
        start === null
          ? null
          : toFigure(
              judge.centre(
                full.map((pair, run) => (difference(pair) - start.value) / events[run]!),
              ),
              scale,
              scale.events,
            ),
      averageNs: null,
      bendNs: null,
    };
  }
  const average = judge.centre(full.map((pair, run) => difference(pair) / events[run]!));
  return {
    startNs: null,
    perEventNs: null,
    averageNs: toFigure(average, scale, scale.events),
    bendNs: null,
  };
}

function bySizes(
  { index, judge }: CostSources,
  {
    candidate,
    reference,
    empty,
    full,
    events,
    scale,
  }: {
    candidate: Cell;
    reference: Cell;
    empty: ReadonlyMap<number, Pair>;
    full: readonly Pair[];
    events: readonly number[];
    scale: Scale;
  },
): EventCost {
  const middle = byBlock(index.pairs(candidate, reference, 'middle'));
  const slopes: number[] = [];
  const starts: number[] = [];
  const bends: number[] = [];
  for (const [run, pair] of full.entries()) {
    const atEmpty = empty.get(pair.block);
    if (atEmpty === undefined) continue;
    const [few, many] = [eventCount(atEmpty.candidate) ?? 0, events[run]!];
    if (many === few) continue;
    const slope = (difference(pair) - difference(atEmpty)) / (many - few);
    slopes.push(slope);
    starts.push(difference(atEmpty) - slope * few);
    const between = middle.get(pair.block);
    const some = between === undefined ? null : eventCount(between.candidate);
    if (between === undefined || some === null) continue;
    bends.push(difference(between) - difference(atEmpty) - slope * (some - few));
  }
  return {
    startNs: starts.length === 0 ? null : toFigure(judge.centre(starts), scale, 1),
    perEventNs: slopes.length === 0 ? null : toFigure(judge.centre(slopes), scale, scale.events),
    averageNs: null,
    bendNs: bends.length === 0 ? null : toFigure(judge.centre(bends), scale, 1),
  };
}

/** Returns a variant's cost per block at the workload's empty size; null if it has no such size. */
function startOf({ index }: CostSources, candidate: Cell, reference: Cell): number[] | null {
  const pairs = index.pairs(candidate, reference, 'empty');
  return pairs.length === 0 ? null : pairs.map(difference);
}

/**
 * Returns the number of events that fired in a run, over all names and including dropped records;
 * null if the run did not count events.
 */
export function eventCount({ events, recordsDropped }: Sample): number | null {
  if (events === null) return null;
  return Object.values(events).reduce(
    (total, count) => total + Number(count),
    Number(recordsDropped ?? 0),
  );
}

function difference({ candidate, reference }: Pair): number {
  return Number(candidate.wallNs) - Number(reference.wallNs);
}

function byBlock(pairs: readonly Pair[]): Map<number, Pair> {
  return new Map(pairs.map((pair) => [pair.block, pair]));
}
