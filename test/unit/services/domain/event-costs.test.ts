// SPDX-License-Identifier: GPL-2.0-or-later
import type { Figure } from '#contract/comparison.js';
import type { JobPlan } from '#contract/job.js';
import type { Sample, SampleSize } from '#contract/sample.js';
import { eventCostOf } from '#domain/event-costs.js';
import { toFigure } from '#domain/figure.js';
import { fixedBlocks, untilDecided } from '#domain/judging.js';
import { RunIndex } from '#domain/pairs.js';
import { random } from '#statistics/random.js';
import { plannedWorkload, planUntilDecided, variantOf } from '#support/job-plan.js';
import { normalDraw } from '#support/draws.js';
import { measuredBlocks } from '#support/simulated-job.js';

const EVENTS: Readonly<Record<SampleSize, number>> = {
  empty: 1,
  middle: 1_000_000,
  full: 2_000_000,
};
const SIZE = { parameter: 'n', empty: 1, full: 2_000_000, minimum: 1, maximum: 2_000_000 };
const SIZED = plannedWorkload('sized', { size: SIZE });
const START_MS = 12;
const PER_EVENT_NS = 7;

interface Guest {
  /** Cost per event in ns, by the number of events. */
  readonly perEventNs?: (events: number) => number;
  readonly noiseSd?: number;
  /** Whether the variant counts its events. */
  readonly counts?: boolean;
  readonly startMs?: number;
}

const planOf = (...workloads: JobPlan['workloads']) =>
  planUntilDecided({ variants: [variantOf('none'), variantOf('dynamic')], workloads });

/** Blocks of runs of 15 ms and 50 ns per iteration, plus the cost of `dynamic`. */
function samplesOf(plan: JobPlan, blocks: number, guest: Guest = {}): Sample[] {
  const {
    perEventNs = () => PER_EVENT_NS,
    noiseSd = 0.02,
    counts = true,
    startMs = START_MS,
  } = guest;
  const next = random(5);
  const beyondMs = (events: number) => startMs + (events * perEventNs(events)) / 1e6;
  return measuredBlocks(plan, blocks, ({ variant, size }) => {
    const events = EVENTS[size];
    const plainMs = 15 + (50 * events) / 1e6;
    return (
      (plainMs + (variant === 'dynamic' ? beyondMs(events) : 0)) *
      Math.exp(noiseSd * normalDraw(next))
    );
  }).map((sample) =>
    sample.variant === 'dynamic' && counts
      ? { ...sample, events: { write: String(EVENTS[sample.size] - 1), read: '1' } }
      : sample,
  );
}

function costOf(
  plan: JobPlan,
  samples: readonly Sample[],
  workload = 'sized',
  judge = untilDecided,
) {
  const cell = { side: 'head', variant: 'dynamic', workload } as const;
  return eventCostOf({ plan, index: new RunIndex(samples), judge }, cell, {
    ...cell,
    variant: 'none',
  });
}

const holds = ({ low, high }: Figure, truth: number) => low <= truth && truth <= high;

test.each([untilDecided, fixedBlocks])(
  'an empty and a full size separate the start from the cost per event',
  (judge) => {
    const plan = planOf(SIZED);
    const cost = costOf(plan, samplesOf(plan, 120), 'sized', judge)!;

    expect(cost.perEventNs).toMatchObject({ shown: 'value' });
    expect(holds(cost.perEventNs!, PER_EVENT_NS)).toBe(true);
    expect(cost.perEventNs!.value).toBeCloseTo(PER_EVENT_NS, 0);
    expect(cost.startNs).toMatchObject({ shown: 'value' });
    expect(holds(cost.startNs!, START_MS * 1e6)).toBe(true);
    expect(cost.averageNs).toBeNull();
    expect(holds(cost.bendNs!, 0)).toBe(true);
  },
);

test('a nonlinear cost deviates from the line at the middle size', () => {
  const plan = planOf(SIZED);
  const bent = { perEventNs: (events: number) => (events > 1_500_000 ? 20 : 7), noiseSd: 0.002 };
  const { bendNs } = costOf(plan, samplesOf(plan, 120, bent))!;

  // On the line, a million events take 20 ns each; these take 7.
  expect(bendNs!.high).toBeLessThan(0);
  expect(bendNs!.value / 1e6).toBeCloseTo(-13, 0);
});

test('a workload without a size takes the start from a sized workload of the job', () => {
  const plan = planOf(plannedWorkload('boot'), SIZED);
  const cost = costOf(plan, samplesOf(plan, 120), 'boot')!;

  expect(holds(cost.startNs!, START_MS * 1e6)).toBe(true);
  expect(holds(cost.perEventNs!, PER_EVENT_NS)).toBe(true);
  expect(cost.averageNs).toBeNull();
});

test('without any empty size the cost per event is an average that includes the start', () => {
  const plan = planOf(plannedWorkload('boot'));
  const cost = costOf(plan, samplesOf(plan, 120), 'boot')!;

  expect(cost).toMatchObject({ startNs: null, perEventNs: null, bendNs: null });
  expect(holds(cost.averageNs!, PER_EVENT_NS + (START_MS * 1e6) / EVENTS.full)).toBe(true);
});

test('a variant that counts no events has only a start, and without an empty size no cost', () => {
  const [sized, boot] = [planOf(SIZED), planOf(plannedWorkload('boot'))];
  const silent = { counts: false, perEventNs: () => 0 };

  expect(costOf(sized, samplesOf(sized, 120, silent))).toMatchObject({
    startNs: { shown: 'value' },
    perEventNs: null,
    averageNs: null,
    bendNs: null,
  });
  expect(costOf(boot, samplesOf(boot, 120, silent), 'boot')).toBeNull();
  expect(costOf(sized, [])).toBeNull();
});

test('costs are null before their blocks have an interval, also where another workload gives the start', () => {
  const plan = planOf(plannedWorkload('boot'), SIZED);
  const samples = samplesOf(plan, 20);
  const early = samples.filter(({ workload, block }) => workload === 'boot' || block <= 10);

  expect(costOf(plan, early)).toEqual({
    startNs: null,
    perEventNs: null,
    averageNs: null,
    bendNs: null,
  });
  expect(costOf(plan, early, 'boot')).toEqual({
    startNs: null,
    perEventNs: null,
    averageNs: null,
    bendNs: null,
  });
});

describe('a figure', () => {
  const SCALE = { wallNs: 100e6, events: 200_000 };
  const shown = (value: number, low: number, high: number, times = 1) =>
    toFigure({ value, low, high, confidence: 0.95 }, SCALE, times)!.shown;

  test('is shown if its interval reaches at most the value on either side', () => {
    expect(shown(10, 1, 19)).toBe('value');
    expect(shown(-10, -20, 0)).toBe('value');
  });

  test('is a bound if that is below a tenth of a run', () => {
    expect(shown(1e6, -2e6, 9e6)).toBe('bound');
    expect(shown(10, -1, 14, 200_000)).toBe('bound');
    expect(shown(1e6, -2e6, 11e6)).toBe('nothing');
    expect(shown(1e6, -11e6, 2e6)).toBe('nothing');
  });

  test('of −6289 ns with an interval from −16298 to 80964 for each of 200,000 events is noise', () => {
    expect(shown(-6289, -16298, 80964, SCALE.events)).toBe('nothing');
  });

  test('is not shown while its blocks are too few for an interval', () => {
    const five = { value: 10, low: 9, high: 11, confidence: 0.9375 };
    expect(toFigure(five, SCALE, 1)!.shown).toBe('nothing');
  });

  test('is missing without an interval', () => {
    expect(toFigure(null, SCALE, 1)).toBeNull();
  });
});
