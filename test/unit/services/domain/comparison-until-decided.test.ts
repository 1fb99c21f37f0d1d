// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';
import type { Sample } from '#contract/sample.js';
import { compareJob } from '#domain/comparison.js';
import { undecided } from '#domain/decisions.js';
import { metricNamed } from '#domain/metric-values.js';
import { random } from '#statistics/random.js';
import { onBothSides, planUntilDecided, TWO_SIDES, variantOf } from '#support/job-plan.js';
import { normalDraw } from '#support/draws.js';
import { measure, measuredBlocks, type RunMs } from '#support/simulated-job.js';

describe('a job that measures until its comparisons are decided', () => {
  const MODES = [variantOf('none'), variantOf('idle')];
  const plan = (details: Partial<JobPlan> = {}) =>
    planUntilDecided({ sides: TWO_SIDES, variants: onBothSides(MODES), ...details });
  const factor = (factors: Record<string, number>, noiseSd = 0.001): RunMs => {
    const next = random(4);
    return ({ variant, side }) =>
      100 * (factors[`${variant}@${side}`] ?? 1) * Math.exp(noiseSd * normalDraw(next));
  };
  const slower = { 'idle@head': 1.1 };
  const verdicts = (jobPlan: JobPlan, samples: readonly Sample[]) => {
    const { sides, changes } = compareJob('j', jobPlan, samples);
    return [...sides, ...changes].map(({ variant, verdict }) => `${variant} ${verdict}`);
  };

  test('has answers from signs, and no row before these have an interval', () => {
    const { sides, fewestBlocks, comparisons, progress } = compareJob(
      'j',
      plan(),
      measuredBlocks(plan(), 20, factor(slower)),
    );

    expect(sides[1]).toMatchObject({
      blocks: 20,
      ratio: { method: 'sign-sequence', confidence: 0.95, blocks: 20 },
      verdict: 'regression',
      suspected: false,
      minimumDetectableRatio: null,
      confirmation: null,
    });
    expect(sides[1]!.ratio.ratio).toBeCloseTo(1.1, 2);
    expect([comparisons, fewestBlocks]).toEqual([5, 19]);
    expect(progress).toMatchObject({ blocks: 20, withinSeconds: 300, undecided: 0 });

    const early = compareJob('j', plan(), measuredBlocks(plan(), 14, factor(slower)));
    expect([early.sides, early.changes]).toEqual([[], []]);
    expect(early.rows[1]).toMatchObject({ variant: 'idle', ratio: null, verdict: null });
  });

  test('has no verdict while it can still be decided, and an inconclusive one when the time is spent', () => {
    const scattered = (noiseSd: number): RunMs => factor({ 'idle@head': 1.02 }, noiseSd);
    const samples = measuredBlocks(plan(), 20, scattered(0.2));

    expect(verdicts(plan(), samples)).toEqual(['none null', 'idle null', 'idle null']);
    expect(verdicts(plan({ withinSeconds: 5 }), samples)).toEqual([
      'none inconclusive',
      'idle inconclusive',
      'idle inconclusive',
    ]);
    expect(compareJob('j', plan({ withinSeconds: 5 }), samples).sides[0]!.suspected).toBe(false);
  });

  test('shows decided comparisons while others are still open', () => {
    const uneven: RunMs = ({ variant, side }, block) =>
      variant === 'idle' && side === 'head' && block % 2 === 0 ? 150 : 100;

    expect(verdicts(plan(), measuredBlocks(plan(), 16, uneven))).toEqual([
      'none no-change',
      'idle null',
      'idle null',
    ]);
  });

  test('gives every comparison that stopped running a verdict', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const jobPlan = plan({ seed });
      const next = random(seed);
      const samples = measure(
        jobPlan,
        ({ variant, side }) =>
          100 *
          (variant === 'idle' && side === 'head' ? 1.06 : 1) *
          Math.exp(0.03 * normalDraw(next)),
      );

      const { progress } = compareJob('j', jobPlan, samples);
      expect(progress.undecided).toBe(0);
      expect(verdicts(jobPlan, samples)).toEqual([
        'none no-change',
        'idle regression',
        'idle regression',
      ]);
    }
  });

  test('gives every decided comparison a verdict, although nothing else differs', () => {
    const blocks = 24;
    const differing = Array.from({ length: blocks + 1 }, (_, slow) => {
      // The baseline's times hide the variant's cost, and whether it changed.
      const runMs: RunMs = ({ variant, side }, block) => {
        if (side === 'base') return 100;
        if (variant === 'none') return block % 2 === 0 ? 200 : 50;
        return block <= slow ? 110 : 90;
      };
      const samples = measuredBlocks(plan(), blocks, runMs);
      const isOpen = undecided(plan(), samples).some(
        ({ about, variant }) => about === 'variant' && variant === 'idle',
      );
      return isOpen ? 'open' : compareJob('j', plan(), samples).sides[1]!.verdict;
    });

    expect(new Set(differing)).toEqual(new Set(['improvement', 'open', 'regression']));
  });

  test('has overheads that stay open while they can be decided', () => {
    const jobPlan = planUntilDecided({ variants: MODES });
    const verdict = (within: number, noiseSd: number) =>
      compareJob(
        'j',
        { ...jobPlan, withinSeconds: within },
        measuredBlocks(jobPlan, 20, factor({}, noiseSd)),
      ).rows[1]!.verdict;

    expect([verdict(300, 0.2), verdict(4, 0.2), verdict(300, 0.001)]).toEqual([
      null,
      'inconclusive',
      'no-change',
    ]);
  });

  test('suspects a regression of two builds linked once, but does not confirm it', () => {
    const once = measuredBlocks(plan(), 20, factor(slower)).map((sample) => ({
      ...sample,
      link: null,
      buildKey: sample.side,
    }));

    expect(compareJob('j', plan(), once).sides[1]).toMatchObject({
      oneBuild: true,
      verdict: 'inconclusive',
      suspected: true,
    });
    expect(compareJob('j', plan(), once).sides[0]).toMatchObject({
      oneBuild: true,
      verdict: 'no-change',
      suspected: false,
    });
  });

  test('compares by the metrics of its thresholds, including declared ones', () => {
    const jobPlan = plan({ thresholds: [{ metric: 'guest.speed', threshold: 0.05 }] });
    const samples = measuredBlocks(jobPlan, 20, factor({})).map((sample) => ({
      ...sample,
      metrics: [{ name: 'guest.speed', value: sample.side === 'head' ? 20 : 10, unit: 'ops' }],
    }));
    const speed = {
      name: 'guest.speed',
      unit: 'ops',
      direction: 'larger-is-better' as const,
      description: '',
    };

    expect(compareJob('j', jobPlan, samples).sides[0]).toMatchObject({ verdict: 'no-change' });
    expect(compareJob('j', jobPlan, samples, { metric: speed }).sides[0]).toMatchObject({
      verdict: 'improvement',
      processor: null,
    });
  });

  test('judges separately counted instructions by their repetitions, and only when all are present', () => {
    const jobPlan = plan({ thresholds: [{ metric: 'hostInstructions', threshold: 0.001 }] });
    const timed = measuredBlocks(jobPlan, 20, factor({}));
    const counted = timed
      .filter(({ block }) => block <= 12)
      .map((sample): Sample => ({
        ...sample,
        kind: 'instructions',
        hostInstructions: String(
          (sample.side === 'head' && sample.variant === 'idle' ? 1_003_000 : 1_000_000) +
            (sample.block % 3),
        ),
      }));
    const verdictOf = (part: readonly Sample[]) =>
      compareJob('j', jobPlan, timed, { metric: metricNamed('hostInstructions'), counted: part })
        .sides[1]!;

    expect(verdictOf(counted)).toMatchObject({
      verdict: 'regression',
      ratio: { method: 'bca-bootstrap' },
    });
    expect(verdictOf(counted.filter(({ block }) => block < 12))).toMatchObject({ verdict: null });
  });
});
