// SPDX-License-Identifier: GPL-2.0-or-later
import { JobRequest } from '#contract/job.js';
import { globMatcher } from '#domain/glob.js';
import { random, randomInteger } from '#statistics/random.js';

describe('globMatcher', () => {
  test.each([
    ['a*c', 'abbc', true],
    ['a*c', 'abbd', false],
    ['?', '', false],
    ['*', '', true],
    ['**b?', 'aabc', true],
    ['a', 'ab', false],
    ['*a', 'aab', false],
    ['m*_w*e', 'memory_region_ops_write', true],
    ['größe', 'größe', true],
    ['größe', 'grüße', false],
    ['gr??e*', 'größen', true],
    ['😀?', '😀a', true],
    ['😀', '😁', false],
  ])('%s against %s is %s', (pattern, name, expected) => {
    expect(globMatcher(pattern)(name)).toBe(expected);
  });

  test('agrees with a regular expression on random patterns, short and long', () => {
    const next = random(31);
    const pick = (letters: string) => letters[randomInteger(next, letters.length)]!;
    const text = (letters: string, length: number) =>
      Array.from({ length }, () => pick(letters)).join('');
    let matched = 0;
    for (let round = 0; round < 3_000; round += 1) {
      const pattern = text('ab?*', randomInteger(next, 12)) + text('a?', round % 90);
      const name = pattern
        .replaceAll('?', () => pick('ab'))
        .replaceAll('*', () => text('ab', randomInteger(next, 4)))
        .replaceAll('a', () => (randomInteger(next, 40) === 0 ? 'b' : 'a'));
      const expected = new RegExp(`^${pattern.replace(/\*+/g, '.*').replaceAll('?', '.')}$`).test(
        name,
      );
      expect([pattern, name, globMatcher(pattern)(name)]).toEqual([pattern, name, expected]);
      if (expected) matched += 1;
    }
    expect([matched > 500, matched < 2_500]).toEqual([true, true]);
  });

  test.each([30, 31, 32, 61, 62, 63, 93])('a pattern of %i characters matches itself', (length) => {
    const name = 'abcdefg'.repeat(20).slice(0, length);
    expect(globMatcher(name)(name)).toBe(true);
    expect(globMatcher(`${name}*`)(name)).toBe(true);
    expect(globMatcher(name)(`${name}x`)).toBe(false);
    expect(globMatcher(`${name}?`)(name)).toBe(false);
  });

  test('a request with more globs than are compared with all events is refused', () => {
    const globs = (count: number) =>
      JobRequest.shape.events.safeParse(Array.from({ length: count }, (_, at) => `a${at}*`));
    expect([globs(16).success, globs(17).success]).toEqual([true, false]);
  });
});
