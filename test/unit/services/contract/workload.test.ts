// SPDX-License-Identifier: GPL-2.0-or-later
import { WorkloadDefinition } from '#contract/workload.js';
import { readWorkloads } from '#catalogue/workloads.js';

const parameter = {
  description: 'how many',
  type: 'integer',
  unit: 'writes',
  default: 100,
  minimum: 1,
  maximum: 1000,
  stage: 'run',
};
const definition = {
  name: 'example',
  summary: 'a guest',
  targets: ['x86_64-softmmu'],
  parameters: { writes: parameter, rounds: { ...parameter, stage: 'build' } },
  run: { arguments: [], exitStatus: 0, timeoutSeconds: 1 },
};

test.each([
  ['a size that is a run parameter, empty within its limits', 'writes', 1, null],
  ['a parameter that does not exist', 'reads', 1, 'size.parameter'],
  ['a parameter of stage build', 'rounds', 1, 'size.parameter'],
  ['an empty size below the minimum', 'writes', 0, 'size.empty'],
  ['an empty size above the maximum', 'writes', 1001, 'size.empty'],
])('%s is judged when the workload is read', (_, name, empty, field) => {
  const { error } = WorkloadDefinition.safeParse({
    ...definition,
    size: { parameter: name, empty },
  });

  expect(error?.issues.map(({ path }) => path.join('.')) ?? null).toEqual(
    field === null ? null : [field],
  );
});

test('a workload has one virtual CPU and no size by default', () => {
  const { run, size } = WorkloadDefinition.parse(definition);

  expect([run.vcpus, size]).toEqual([1, undefined]);
});

test('the sizes of the workloads equal the documented ones', async () => {
  const workloads = await readWorkloads(process.cwd());

  expect(Object.fromEntries(workloads.map(({ name, size }) => [name, size]))).toEqual({
    'linux-boot': undefined,
    matmult: { parameter: 'size', empty: 8 },
    'port-io': { parameter: 'writes', empty: 1 },
    quicksort: { parameter: 'length', empty: 16 },
  });
});
