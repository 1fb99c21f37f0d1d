// SPDX-License-Identifier: GPL-2.0-or-later
import { expectationWords } from '#contract/progress-words.js';
import { planJob } from '#domain/plan.js';
import { CATALOGUE, planRequest } from '#support/plan-request.js';

test('a threshold above 1 is refused, because it is more likely meant as percent', () => {
  const plan = (changes: object) => () => planJob(planRequest(changes), CATALOGUE, 1);

  expect(plan({ measure: { threshold: 5 } })).toThrow(
    'measure.threshold: 5 is 500 %; a threshold is at most 1, and 5 % are written 0.05',
  );
  expect(plan({ thresholds: [{ metric: 'userNs', threshold: 2 }] })).toThrow(
    'thresholds.0.threshold: 2 is 200 %',
  );
  expect(plan({ measure: { threshold: 1 } })).not.toThrow();
});

test('a plan of few blocks says how many a single difference needs', () => {
  const workloads = [{ name: 'port-writes' }, { name: 'port-writes', parameters: { ports: 2 } }];
  const plan = (changes: object) =>
    planJob(
      planRequest({ variants: ['none', 'idle', { mode: 'plugin', plugin: 'bb' }], ...changes }),
      CATALOGUE,
      1,
    );

  expect(plan({ workloads, blocks: 6 })).toMatchObject({ blocks: 6, fewestBlocks: 8 });
  expect(expectationWords(plan({ workloads, blocks: 6 }))).toBe(
    'measures 6 blocks, which cannot detect a single difference, however large it is: that takes ' +
      'at least 8',
  );
  expect(expectationWords(plan({ workloads, blocks: 8 }))).toBe('measures 8 blocks');
  expect(plan({ workloads }).fewestBlocks).toBeNull();
});

test("an unknown event of a job with patches may be one of the patches', and the error says so", () => {
  const patches = `sha256:${'1'.repeat(64)}`;
  const qemu = { version: '7.2', target: 'x86_64-softmmu' };
  const plan = (given: object) => () =>
    planJob(planRequest({ events: ['my_event'], qemu: { ...qemu, ...given } }), CATALOGUE, 1);

  expect(plan({ patches })).toThrow(/my_event.*an event that the job's patches add cannot be/);
  expect(plan({})).not.toThrow(/patches add/);
});
