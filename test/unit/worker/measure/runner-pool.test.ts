// SPDX-License-Identifier: GPL-2.0-or-later
import type { RunResult } from '#contract/sample.js';
import { RunnerPool } from '#worker/measure/runner-pool.js';
import { testContext } from '#support/context.js';
import { fakeBackend } from '#support/fake-backend.js';

const SPEC = { image: 'build' };
const REQUEST = {
  command: ['true'],
  environment: {},
  timeoutMs: 1_000,
  outputLimitBytes: 1_000,
  cpu: null,
  stackBytes: null,
  fifoPriority: null,
};

function poolOn(result: () => Partial<RunResult> = () => ({})) {
  const backend = fakeBackend({ exitStatus: 0, result });
  const pool = new RunnerPool({ ...testContext(process.cwd()), backend });
  return { pool, containers: () => backend.left().length };
}

test('each variant and workload has its own container', async () => {
  const { pool, containers } = poolOn();

  const [first, again, other] = [
    await pool.get('none w', SPEC),
    await pool.get('none w', SPEC),
    await pool.get('idle w', SPEC),
  ];

  expect(again).toBe(first);
  expect(other.container).not.toBe(first.container);
  expect(containers()).toBe(2);
});

test('a container with leftovers of a run is replaced before the next run', async () => {
  const { pool, containers } = poolOn(() => ({ leftBehind: 'a process' }));
  const first = await pool.get('none w', SPEC);
  await first.run(REQUEST);

  const second = await pool.get('none w', SPEC);

  expect(second.container).not.toBe(first.container);
  expect(containers()).toBe(1);
});

test('at the limit the least recently used container is removed', async () => {
  const { pool, containers } = poolOn();
  const opened = new Map<string, string>();
  const containerOf = async (key: string) => (await pool.get(key, SPEC)).container;
  for (let number = 1; number <= 24; number += 1)
    opened.set(`${number}`, await containerOf(`${number}`));
  await containerOf('1');

  await containerOf('25');

  expect(containers()).toBe(24);
  expect(await containerOf('1')).toBe(opened.get('1'));
  expect(await containerOf('3')).toBe(opened.get('3'));
  expect(await containerOf('2')).not.toBe(opened.get('2'));
});

test('disposing of the pool removes all containers', async () => {
  const { pool, containers } = poolOn();
  await pool.get('none w', SPEC);
  await pool.get('idle w', SPEC);

  await pool[Symbol.asyncDispose]();

  expect(containers()).toBe(0);
});
