// SPDX-License-Identifier: GPL-2.0-or-later
import type {
  Cause,
  Explanation,
  FullExplanation,
  FunctionChange,
  PartChange,
} from '#contract/explanation.js';
import type { JobPlan } from '#contract/job.js';
import type { Profile, ProfileFunction } from '#contract/profile.js';
import { shownVariant } from '#contract/side.js';
import { baselineOf } from '../baseline.js';

/** What the difference of two profiles needs of them. */
export type Profiled = Omit<Profile, 'tree' | 'takenAt' | 'fileBytes'>;

/** Lines of an explanation. */
const CAUSES = 3;
/** Share of the whole change below which a function explains nothing. */
const SMALLEST_CAUSE = 0.05;
/** Share of the reference's cost below which two profiles do not differ. */
const SMALLEST_CHANGE = 0.0005;
const MOST_FUNCTIONS = 100;
/** Standard errors to each side of a 95 % interval. */
const DEVIATIONS = 1.96;

/**
 * Explains every variant by its side's baseline, and every variant of head by the same variant of
 * base, workload by workload in the plan's order. Pairs without two profiles of one kind and one
 * size of the workload are missing.
 */
export function explainJob(
  plan: Pick<JobPlan, 'variants' | 'workloads'>,
  profiles: readonly Profiled[],
): FullExplanation[] {
  const baseline = baselineOf(plan).name;
  const find = (workload: string, side: string, variant: string) =>
    profiles.find(
      (one) => one.workload === workload && one.side === side && one.variant === variant,
    );
  return plan.workloads.flatMap(({ label }) =>
    plan.variants.flatMap(({ name, side }) => {
      const profile = find(label, side, name);
      if (profile === undefined) return [];
      return [
        ...explained(
          'overhead',
          name === baseline ? undefined : find(label, side, baseline),
          profile,
        ),
        ...explained('side', side === 'head' ? find(label, 'base', name) : undefined, profile),
      ];
    }),
  );
}

/** Returns an explanation without its lists of changes. */
export function briefly({ parts: _, functions: __, ...explanation }: FullExplanation): Explanation {
  return explanation;
}

function explained(
  about: Explanation['about'],
  reference: Profiled | undefined,
  profile: Profiled,
): FullExplanation[] {
  if (
    reference === undefined ||
    reference.unit !== profile.unit ||
    reference.sizeValue !== profile.sizeValue
  )
    return [];
  const functions = functionChanges(reference, profile);
  const startUp = { before: startOf(reference), after: startOf(profile) };
  return [
    {
      about,
      variant: profile.variant,
      side: profile.side,
      workload: profile.workload,
      subject: shownVariant({ name: profile.variant, side: profile.side }),
      reference: shownVariant({ name: reference.variant, side: reference.side }),
      unit: profile.unit,
      before: reference.total - startUp.before,
      after: profile.total - startUp.after,
      startUp,
      causes: causesOf(functions, reference, profile),
      parts: partChanges(reference, profile),
      functions: functions.slice(0, MOST_FUNCTIONS),
    },
  ];
}

function partChanges(reference: Profiled, profile: Profiled): PartChange[] {
  return profile.split.map(({ part, self }) => ({
    part,
    ...change(reference.split.find((one) => one.part === part)?.self ?? 0, self, profile.unit),
  }));
}

/** Returns the changes by function, file and part: the largest of the work, then of the start-up. */
function functionChanges(reference: Profiled, profile: Profiled): FunctionChange[] {
  const before = byKey(reference.functions);
  const after = byKey(profile.functions);
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((key) => {
      const [old, now] = [before.get(key), after.get(key)];
      const { name, object, file, part } = (now ?? old)!;
      return {
        name,
        object,
        file,
        part,
        line: changedLine(old, now),
        ...change(old?.self ?? 0, now?.self ?? 0, profile.unit),
      };
    })
    .filter(({ before: old, after: now }) => old !== now)
    .sort(
      (a, b) =>
        Number(a.part === 'start-up') - Number(b.part === 'start-up') ||
        Math.abs(b.after - b.before) - Math.abs(a.after - a.before),
    );
}

const byKey = (functions: readonly ProfileFunction[]): Map<string, ProfileFunction> =>
  new Map(
    functions.map((one) => [JSON.stringify([one.name, one.object, one.file, one.part]), one]),
  );

function changedLine(
  before: ProfileFunction | undefined,
  after: ProfileFunction | undefined,
): number | null {
  const changes = new Map<number, number>();
  for (const { line, self } of after?.lines ?? []) changes.set(line, self);
  for (const { line, self } of before?.lines ?? [])
    changes.set(line, (changes.get(line) ?? 0) - self);
  const [most] = [...changes].sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  return most?.[0] ?? null;
}

/** Samples are counted like events of a Poisson process; counted instructions do not vary. */
function change(
  before: number,
  after: number,
  unit: Profiled['unit'],
): Pick<FunctionChange, 'before' | 'after' | 'low' | 'high'> {
  if (unit === 'instructions') return { before, after, low: null, high: null };
  const width = DEVIATIONS * Math.sqrt(before + after);
  return { before, after, low: after - before - width, high: after - before + width };
}

/**
 * Returns the functions that explain most of the change: the largest ones in its direction. The
 * start-up is explained only if the work did not change, since it weighs more in a short run.
 */
function causesOf(
  functions: readonly FunctionChange[],
  reference: Profiled,
  profile: Profiled,
): Cause[] {
  const start = startOf(profile) - startOf(reference);
  const work = profile.total - reference.total - start;
  const isNoticeable = (change: number, whole: number) =>
    Math.abs(change) > whole * SMALLEST_CHANGE;
  if (isNoticeable(work, reference.total - startOf(reference)))
    return largest(
      functions.filter(({ part }) => part !== 'start-up'),
      work,
      profile.events === null ? 0 : Number(profile.events),
    );
  if (!isNoticeable(start, startOf(reference))) return [];
  return largest(
    functions.filter(({ part }) => part === 'start-up'),
    start,
    0,
  );
}

function largest(functions: readonly FunctionChange[], whole: number, events: number): Cause[] {
  return functions
    .map((one) => ({
      ...one,
      share: (one.after - one.before) / whole,
      perEvent: events === 0 ? null : (one.after - one.before) / events,
    }))
    .filter(({ share, low, high }) => share >= SMALLEST_CAUSE && !(low! < 0 && high! > 0))
    .slice(0, CAUSES);
}

const startOf = ({ split }: Profiled): number =>
  split.find(({ part }) => part === 'start-up')?.self ?? 0;
