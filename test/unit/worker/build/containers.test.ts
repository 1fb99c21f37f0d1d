// SPDX-License-Identifier: GPL-2.0-or-later
import type { Build } from '#contract/build.js';
import { Variant } from '#contract/variant.js';
import { WorkloadDefinition } from '#contract/workload.js';
import type { StepContext } from '#worker/step-context.js';
import { compileInstrumentation } from '#worker/build/instrumentation.js';
import { compilePlugin } from '#worker/build/plugin.js';
import { ensureTree } from '#worker/build/tree.js';
import { buildVariant } from '#worker/build/variant.js';
import { measureRun } from '#worker/measure/measure-run.js';
import { countingRun } from '#worker/measure/run.js';
import { RunnerPool } from '#worker/measure/runner-pool.js';
import { patchSource } from '#worker/build/patched.js';
import { readVersions } from '#worker/build/versions.js';
import { plannedWorkload } from '#support/job-plan.js';
import { containersOf } from '#support/step-containers.js';

/**
 * The settings of each step for a container with uploaded code;
 * test/integration/sandbox-fields.test.ts checks their effect in Docker.
 */

const NO_IMAGE = /^$/;
const DIGEST = `sha256:${'0'.repeat(64)}`;
const GIB = 1024 ** 3;
const entry = (await readVersions(process.cwd()))['7.2']!;
const uploaded = { digest: DIGEST, files: [{ path: 'instrument.c', content: '' }] };
const source = { tag: 'source', digest: 'sha256:1', patches: null, uploaded: null };
const patched = {
  ...source,
  patches: { digest: 'sha256:2', files: [{ path: '0001.patch', content: '' }] },
  uploaded: 'QEMU with the patches',
};
const inputs = {
  version: '7.2',
  entry,
  source,
  toolchain: { tag: 'toolchain', key: 't' },
  runner: { tag: 'runner', key: 'r' },
  target: 'x86_64-softmmu' as const,
  backends: ['log'],
  events: [],
  instrumentation: uploaded,
};
const variant = (more: object) =>
  Variant.parse({ name: 'v', backend: null, trace: false, ...more });
const built = { image: 'build', key: 'k' };

const builder = {
  user: '1000:1000',
  network: 'none',
  readOnlyRoot: false,
  cpuset: undefined,
  tmpBytes: undefined,
  mounts: undefined,
};
const library = {
  ...builder,
  timeMs: 120_000,
  memoryBytes: 2 * GIB,
  pids: 128,
  diskBytes: GIB,
  fileBytes: GIB,
};
const tree = {
  ...builder,
  timeMs: 2_700_000,
  memoryBytes: 6 * GIB,
  pids: 2048,
  diskBytes: 16 * GIB,
  fileBytes: 16 * GIB,
};
const variantBuild = {
  ...builder,
  timeMs: 1_200_000,
  memoryBytes: 6 * GIB,
  pids: 2048,
  diskBytes: 8 * GIB,
  fileBytes: 8 * GIB,
};
const cache = (readOnly: boolean) => [{ volume: 'qibench-ccache', path: '/ccache', readOnly }];

test.each<[string, (context: StepContext) => Promise<unknown>, object, RegExp]>([
  [
    'patches on a source',
    (context) => patchSource(context, '7.2', source, patched.patches),
    {
      ...builder,
      image: 'source',
      timeMs: 120_000,
      memoryBytes: GIB,
      pids: 64,
      diskBytes: GIB / 16,
      fileBytes: GIB / 16,
    },
    NO_IMAGE,
  ],
  [
    'a tree',
    (context) => ensureTree(context, inputs, 'none'),
    { ...tree, image: 'source', mounts: cache(false) },
    NO_IMAGE,
  ],
  [
    'a tree of a patched source',
    (context) => ensureTree(context, { ...inputs, source: patched }, 'none'),
    { ...tree, image: 'source', mounts: cache(true) },
    NO_IMAGE,
  ],
  [
    'a switch of a tree to a mode',
    (context) => ensureTree(context, inputs, 'static'),
    variantBuild,
    /-none-/,
  ],
  [
    'a variant',
    (context) => buildVariant(context, inputs, variant({ mode: 'static' }), 1),
    variantBuild,
    /^qibench\/tree/,
  ],
  [
    'a library',
    (context) =>
      compileInstrumentation(context, {
        toolchain: 'toolchain',
        build: built,
        instrumentation: uploaded,
      }),
    { ...library, image: 'toolchain' },
    NO_IMAGE,
  ],
  [
    'a plugin',
    (context) =>
      compilePlugin(
        context,
        { ...inputs, build: built, uploads: new Map([[DIGEST, uploaded]]) },
        variant({ mode: 'plugin', plugin: DIGEST }),
      ),
    { ...library, image: 'toolchain' },
    NO_IMAGE,
  ],
])('the container of %s', async (_, step, expected, images) => {
  const containers = await containersOf(step, images);

  expect(containers.at(-1)).toMatchObject(expected);
  for (const { network, user, readOnlyRoot } of containers)
    expect({ network, user, readOnlyRoot }).toEqual({
      network: 'none',
      user: '1000:1000',
      readOnlyRoot: false,
    });
});

test('a measured run has a pinned container without network; a trace adds one writable volume', async () => {
  const definition = WorkloadDefinition.parse({
    name: 'w',
    summary: '',
    targets: ['x86_64-softmmu'],
    run: { arguments: [], exitStatus: 0, timeoutSeconds: 5 },
  });
  const inputs = {
    target: 'x86_64-softmmu' as const,
    definition,
    build: { image: 'build' } as Build,
    workloadVolume: 'w',
    instrumentationVolume: 'i',
    cpuset: '1-3',
    fifoPriority: null,
    sizeValue: null,
  };
  const containersOfRun = (mode: object) =>
    containersOf(
      (context) =>
        measureRun(
          context,
          new RunnerPool(context),
          countingRun(variant(mode), plannedWorkload(), 0),
          inputs,
        ),
      NO_IMAGE,
    );
  const measured = {
    image: 'build',
    user: '65534:65534',
    network: 'none',
    readOnlyRoot: true,
    memoryBytes: 2 * GIB,
    pids: 256,
    fileBytes: 8 * GIB,
    cpuset: '1-3',
    tmpBytes: GIB / 2,
    mounts: [
      { volume: 'w', path: '/workload', readOnly: true },
      { volume: 'i', path: '/instrumentation', readOnly: true },
    ],
  };

  expect(await containersOfRun({ mode: 'none' })).toEqual([measured]);
  // A run that writes a trace has its own container, after the one that creates its volume.
  expect((await containersOfRun({ mode: 'backend', backend: 'simple' })).at(-1)).toEqual({
    ...measured,
    mounts: [
      ...measured.mounts,
      { volume: expect.any(String) as string, path: '/output', readOnly: false },
    ],
  });
  for (const more of [
    { backend: 'simple', record: false },
    { backend: 'ust' },
    { backend: 'dtrace', record: false },
  ])
    expect(await containersOfRun({ mode: 'backend', ...more })).toEqual([measured]);
});
