// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bisect } from '#cli/bisect.js';
import { openTrials } from '#cli/bisect-state.js';

const JOB = '00000000-0000-4000-8000-000000000001';

test.each([
  [2, 1],
  [3, 1],
  [3, 2],
  [10, 1],
  [10, 5],
  [10, 9],
  [1000, 617],
])(
  'of %i candidates the first changed one, %i, is found with a logarithmic number of questions',
  async (count, first) => {
    const asked: number[] = [];
    const found = await bisect(count, async (index) => {
      asked.push(index);
      return index >= first ? 'changed' : 'same';
    });

    expect(found).toEqual({ same: first - 1, changed: first, unclear: [] });
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked.length).toBeLessThanOrEqual(Math.ceil(Math.log2(count)) + 1);
  },
);

test('one question suffices if the last candidate equals the first or cannot be told from it', async () => {
  expect(await bisect(8, async () => 'same')).toEqual({ same: 7, changed: null, unclear: [] });
  expect(await bisect(8, async () => 'unclear')).toEqual({ same: 0, changed: null, unclear: [7] });
});

test('an unclear candidate is skipped, and named if the change may be there', async () => {
  const answers = [
    'same',
    'same',
    'same',
    'unclear',
    'unclear',
    'changed',
    'changed',
    'changed',
  ] as const;

  expect(await bisect(answers.length, async (index) => answers[index]!)).toEqual({
    same: 2,
    changed: 5,
    unclear: [3, 4],
  });
});

describe('the state of a bisection', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'qibench-bisect-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const file = () => join(folder, 'state.json');

  test('is restored after a crash, each trial with its last recorded value', async () => {
    const before = await openTrials(file(), 'inputs');
    await before.record({ candidate: 4, attempt: 1, jobId: JOB, answer: null, seen: null });
    await before.record({ candidate: 4, attempt: 1, jobId: JOB, answer: 'unclear', seen: null });
    await before.record({ candidate: 4, attempt: 2, jobId: JOB, answer: null, seen: null });
    const after = await openTrials(file(), 'inputs');

    expect([after.find(4, 1)?.answer, after.find(4, 2)?.answer, after.find(5, 1)]).toEqual([
      'unclear',
      null,
      undefined,
    ]);
    expect((JSON.parse(readFileSync(file(), 'utf8')) as { trials: object[] }).trials).toHaveLength(
      2,
    );
  });

  test.each([
    ['of other inputs', '{"schema":"qibench.bisect/1","inputs":"others","trials":[]}'],
    ['that is broken', '{"schema":'],
  ])('%s is not used', async (_, text) => {
    writeFileSync(file(), text);

    expect((await openTrials(file(), 'inputs')).find(0, 1)).toBeUndefined();
  });
});
