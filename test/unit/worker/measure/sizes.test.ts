// SPDX-License-Identifier: GPL-2.0-or-later
import type { PlannedSize } from '#contract/job.js';
import { chooseSizes, sizeValueOf } from '#worker/measure/sizes.js';
import { plannedWorkload } from '#support/job-plan.js';
import { sampleOf } from '#support/sample.js';

const MS = 1e6;

interface Guest {
  /** Duration of a run without work. */
  readonly emptyMs: number;
  /** Duration of the work for a parameter value. */
  readonly workMs: (value: number) => number;
}

/** Chooses the sizes of a guest. Returns the tried values too. */
async function choose(
  { emptyMs, workMs }: Guest,
  { beginning = 1_000, ...size }: Partial<PlannedSize> & { beginning?: number } = {},
  stored: Parameters<typeof chooseSizes>[1] = [],
) {
  const ran: number[] = [];
  const workload = plannedWorkload('w', {
    parameters: { n: beginning },
    size: { parameter: 'n', empty: 0, full: null, minimum: 1, maximum: 1e9, ...size },
  });
  const sizes = await chooseSizes(workload, stored, async (value) => {
    ran.push(value);
    return (emptyMs + workMs(value)) * MS;
  });
  return { sizes, ran };
}
const linear = (msPerUnit: number, emptyMs = 10): Guest => ({
  emptyMs,
  workMs: (value) => value * msPerUnit,
});

test('a run takes 75 ms, regardless of the first tried size', async () => {
  for (const beginning of [1, 1_000, 1e7])
    expect((await choose(linear(0.01), { beginning })).sizes).toEqual({ empty: 0, full: 6_500 });
});

test('a run takes five times as long as an empty one if that is more than 75 ms', async () => {
  expect((await choose(linear(0.01, 100))).sizes).toEqual({ empty: 0, full: 40_000 });
});

test.each([0.5, 1, 2, 3])(
  'the target time is met if work grows with the power %d of the parameter',
  async (power) => {
    const guest: Guest = { emptyMs: 10, workMs: (value) => 1e-2 * value ** power };

    const { full } = (await choose(guest, { beginning: 50 })).sizes!;

    expect(guest.workMs(full) / 65).toBeGreaterThan(0.85);
    expect(guest.workMs(full) / 65).toBeLessThan(1.15);
  },
);

test('a size that already takes long enough is kept', async () => {
  expect(await choose(linear(0.07))).toEqual({
    sizes: { empty: 0, full: 1_000 },
    ran: [...Array<number>(9).fill(0), 1_000, 1_000, 1_000],
  });
});

test('a size stays within the limits of its parameter', async () => {
  expect((await choose(linear(0.01), { maximum: 3_000 })).sizes).toMatchObject({ full: 3_000 });
  expect((await choose(linear(10), { minimum: 200 })).sizes).toMatchObject({ full: 200 });
});

test('an empty run that is slow by chance does not lead to a first try that takes hours', async () => {
  let run = 0;
  const { ran } = await choose({ emptyMs: 10, workMs: () => ((run += 1) <= 9 ? 50 : 0) });

  expect(ran[12]! / ran[9]!).toBeLessThanOrEqual(16);
});

test('a later attempt uses the sizes of the stored samples, and runs nothing to find them', async () => {
  const others = sampleOf({ workload: 'other', sizeValue: 7 });
  const empty = sampleOf({ size: 'empty', sizeValue: 0 });
  const full = sampleOf({ sizeValue: 4_242 });

  expect(await choose(linear(0.01), {}, [others, empty, full])).toEqual({
    sizes: { empty: 0, full: 4_242 },
    ran: [],
  });
  expect((await choose(linear(0.01), {}, [others, empty])).sizes).toEqual({
    empty: 0,
    full: 6_500,
  });
});

test('a size named by the request is not searched, and a workload without a size has none', async () => {
  expect(await choose(linear(0.01), { full: 5 })).toEqual({
    sizes: { empty: 0, full: 5 },
    ran: [],
  });
  expect(await chooseSizes(plannedWorkload(), [], () => Promise.reject(new Error()))).toBeNull();
});

test('the middle size lies halfway, and a short one has a fiftieth of the work', () => {
  const values = (['empty', 'short', 'middle', 'full'] as const).map((size) =>
    sizeValueOf({ empty: 1, full: 1_001 }, size),
  );

  expect(values).toEqual([1, 21, 501, 1_001]);
  expect(sizeValueOf(null, 'full')).toBeNull();
});
