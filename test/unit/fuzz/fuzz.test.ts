// SPDX-License-Identifier: GPL-2.0-or-later
import { readCorpus } from '../../fuzz/corpus.js';
import { mutated } from '../../fuzz/mutate.js';
import { Finding, session } from '../../fuzz/session.js';
import type { Target } from '../../fuzz/target.js';
import { TARGETS } from '../../fuzz/targets.js';
import { random } from '#statistics/random.js';

/** Number of new inputs per target: a smoke test. docs/fuzzing.md has the long runs. */
const ROUND_MS = 600;
const INPUT_LIMIT_MS = 1_000;

describe.each(TARGETS.map((target) => [target.name, target] as const))('%s', (name, target) => {
  test('every corpus input ends in time, with a result or the declared error', async () => {
    for (const { input } of readCorpus(name)) {
      const startedMs = performance.now();
      await target.run(Buffer.from(input));
      expect(performance.now() - startedMs).toBeLessThan(2 * INPUT_LIMIT_MS);
    }
  });

  test('a short round of new inputs ends in the same way', async () => {
    const fuzzing = session(
      target,
      readCorpus(name).map(({ input }) => input),
      1,
    );
    for (const endMs = performance.now() + ROUND_MS; performance.now() < endMs;)
      await fuzzing.step();
  });
});

test('equal seeds give equal inputs', () => {
  const make = () => {
    const next = random(7);
    return Array.from({ length: 50 }, () =>
      mutated(Buffer.from('a=1 b'), Buffer.from('other'), [Buffer.from('token')], next).toString(
        'hex',
      ),
    );
  };

  expect(make()).toEqual(make());
});

test('an undeclared exception is a finding, with its input', async () => {
  const fragile: Target = {
    name: 'fragile',
    dictionary: ['magic'],
    run: (input) => {
      if (input.includes('magic')) throw new TypeError('undefined is not a function');
      return 'fine';
    },
  };
  const fuzzing = session(fragile, [], 1);
  const search = async () => {
    for (let inputs = 0; inputs < 10_000; inputs += 1) await fuzzing.step();
  };

  const finding = await search().then(
    () => null,
    (error: unknown) => error,
  );
  expect(finding).toBeInstanceOf(Finding);
  expect((finding as Finding).input.toString('latin1')).toContain('magic');
});
