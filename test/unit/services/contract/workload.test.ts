// SPDX-License-Identifier: GPL-2.0-or-later
import { WorkloadDefinition, WorkloadInFile, WorkloadRequest } from '#contract/workload.js';
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

test('a definition may name the version of its format, and only the known one', () => {
  const read = (schema: unknown) => WorkloadDefinition.safeParse({ ...definition, schema });

  expect(read('qibench.workload/1').success).toBe(true);
  expect(read(undefined).success).toBe(true);
  expect(
    read('qibench.workload/2').error?.issues.map(({ path, message }) => [path, message]),
  ).toEqual([[['schema'], 'must be qibench.workload/1, the only version of this format']]);
});

test('text of a definition must be storable', () => {
  const issues = (changes: object) =>
    WorkloadDefinition.safeParse({ ...definition, ...changes }).error?.issues.map(({ path }) =>
      path.join('.'),
    );

  expect(issues({ summary: 'a\0b' })).toEqual(['summary']);
  expect(issues({ run: { ...definition.run, arguments: ['-append', 'x\ud800'] } })).toEqual([
    'run.arguments.1',
  ]);
});

test.each(['-trace', '--trace', '-instr', '-plugin', '-d', '-D', '-{writes}'])(
  'a definition cannot set %s, by which a mode would measure something else',
  (option) => {
    const issues = (target: string, run: object) =>
      WorkloadDefinition.safeParse({
        ...definition,
        targets: [target],
        run: { ...definition.run, ...run },
      }).error?.issues.map(({ path }) => path.join('.')) ?? [];

    expect(issues('x86_64-softmmu', { arguments: ['-m', '64M', option, 'x'] })).toEqual([
      'run.arguments.2',
    ]);
    expect(issues('aarch64-softmmu', { targetArguments: { 'aarch64-softmmu': [option] } })).toEqual(
      ['run.targetArguments.aarch64-softmmu.0'],
    );
    expect(issues('x86_64-linux-user', { arguments: [option, 'x', '/workload/guest'] })).toEqual([
      'run.arguments.0',
    ]);
    expect(issues('x86_64-linux-user', { arguments: ['/workload/guest', option] })).toEqual([]);
  },
);

test('a workload of a job has either a name or an upload; a file may name a folder', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const fields = (schema: typeof WorkloadRequest | typeof WorkloadInFile, value: object) =>
    schema.safeParse(value).error?.issues.map(({ path }) => path.join('.')) ?? [];

  expect(fields(WorkloadRequest, { name: 'port-io' })).toEqual([]);
  expect(fields(WorkloadRequest, { from: digest })).toEqual([]);
  expect(fields(WorkloadRequest, {})).toEqual(['name']);
  expect(fields(WorkloadRequest, { name: 'port-io', from: digest })).toEqual(['name']);
  expect(fields(WorkloadRequest, { from: './my-guest' })).toEqual(['from']);
  expect(fields(WorkloadInFile, { from: './my-guest' })).toEqual([]);
});
