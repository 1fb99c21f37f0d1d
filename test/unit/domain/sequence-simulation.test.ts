import type { Verdict } from '../../../services/contract/comparison.js';
import type { JobPlan } from '../../../services/contract/job.js';
import { compareJob } from '../../../services/domain/comparison.js';
import { comparisonsOf, scheduleBlock } from '../../../services/domain/schedule.js';
import type { Sample } from '../../../services/contract/sample.js';
import { LOOK_EVERY } from '../../../services/statistics/sequential-decision.js';
import { clopperPearson } from '../../../services/statistics/clopper-pearson.js';
import { random } from '../../../services/statistics/random.js';
import { onBothSides, planUntilDecided, TWO_SIDES, variantOf } from '../../job-plan.js';
import { normalDraw } from '../statistics/draws.js';
import { runBlock, whatIsOpen, type RunMs } from './simulated-job.js';

const RUN_MS = 75;
const LAYOUT_SD = 0.008;
/** As a neighbour on the same core makes a run slower: for seconds, then not. */
const SLOW_STATE = 1.45;

/**
 * A machine that gets slower by a third over a job, has two states of speed, and a disturbed run now and then. Every link
 * of a build has a speed of its own.
 *
 * @param headFactor what head's `idle` takes beyond base's
 */
function machine(seed: number, headFactor: number): RunMs {
  const next = random(seed, 1);
  let slow = false;
  return ({ variant, side, link }, block) => {
    if (next() < 0.05) slow = !slow;
    const layout = normalDraw(
      random(seed, 2, side === 'head' ? 0 : 1, variant === 'idle' ? 0 : 1, link),
    );
    return (
      RUN_MS *
      (variant === 'idle' && side === 'head' ? headFactor : 1) *
      Math.exp(LAYOUT_SD * layout + 0.01 * normalDraw(next)) *
      (slow ? SLOW_STATE : 1) *
      (next() < 0.05 ? 1.3 : 1) *
      (1 + block / 2000)
    );
  };
}

const MODES = [variantOf('none'), variantOf('idle')];
const plan = (seed: number): JobPlan =>
  planUntilDecided({ seed, sides: TWO_SIDES, variants: onBothSides(MODES), withinSeconds: 150 });

/** A whole job. What is open changes at looks alone, so it is asked for after every fourth block. */
function measure(of: JobPlan, runMs: RunMs): Sample[] {
  const samples: Sample[] = [];
  for (let block = 1; ; block += LOOK_EVERY) {
    const isOpen = whatIsOpen(of, samples);
    if (isOpen === null) return samples;
    for (let next = block; next < block + LOOK_EVERY; next += 1)
      samples.push(...runBlock(scheduleBlock(of, next, isOpen), next, runMs));
  }
}

/** The verdict of every comparison of so many jobs: of `none`, `idle` and the change of the latter's overhead. */
function verdicts(jobs: number, headFactor: number): (Verdict | null)[][] {
  return Array.from({ length: jobs }, (_, seed) => {
    const samples = measure(plan(seed), machine(seed, headFactor));
    const { sides, changes } = compareJob('j', plan(seed), samples);
    return [...sides, ...changes].map(({ verdict }) => verdict);
  });
}
const share = (of: readonly (readonly (Verdict | null)[])[], place: number, verdict: Verdict) =>
  of.filter((job) => job[place] === verdict).length / of.length;

test('of jobs at equal speed at most 2.5 % of the comparisons are called different, each way, and most are called the same', () => {
  const jobs = verdicts(200, 1);
  const all = jobs.flat();
  const count = (verdict: Verdict) => all.filter((found) => found === verdict).length;

  expect(all).toHaveLength(200 * comparisonsOf(plan(1)).length);
  for (const alarm of ['regression', 'improvement'] as const)
    expect(clopperPearson(count(alarm), all.length).high).toBeLessThan(0.025);
  expect(count('no-change') / all.length).toBeGreaterThan(0.9);
}, 120_000);

test.each([
  [1.05, 0.95],
  [1.1, 0.99],
])(
  'a variant of head that takes %d times as long is found, and nothing else',
  (factor, least) => {
    const jobs = verdicts(60, factor);

    expect(share(jobs, 1, 'regression')).toBeGreaterThanOrEqual(least);
    expect(share(jobs, 2, 'regression')).toBeGreaterThanOrEqual(least - 0.05);
    expect(share(jobs, 0, 'regression')).toBeLessThan(0.06);
  },
  120_000,
);
