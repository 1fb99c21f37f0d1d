// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import tar from 'tar-stream';
import type { Job, PlannedWorkload } from '#contract/job.js';
import { WorkloadDefinition } from '#contract/workload.js';
import { WORKLOAD_LIMITS, type WorkloadMethod } from '#contract/workload-upload.js';
import type { ContainerSpec, Engine } from '#worker/engine/engine.js';
import { packWorkload, type WorkloadFiles } from '#worker/build/workload-files.js';
import { UploadedWorkloads } from '#worker/build/uploaded-workload.js';
import { packFiles, readStream } from '#worker/build/tar.js';
import type { JobContext } from '#worker/job/job-context.js';
import { testContext } from '#support/context.js';
import { fakeBackend } from '#support/fake-backend.js';
import { plannedWorkload } from '#support/job-plan.js';

let lockFolder: string;
beforeAll(() => {
  lockFolder = mkdtempSync(join(tmpdir(), 'qibench-uploaded-'));
});
afterAll(() => rmSync(lockFolder, { recursive: true }));

const digestOf = (text: string): string =>
  `sha256:${createHash('sha256').update(text).digest('hex')}`;

const filesOf = (contents: Record<string, string>): WorkloadFiles => ({
  files: Object.entries(contents).map(([path, content]) => ({
    path,
    sizeBytes: Buffer.byteLength(content),
  })),
  async *content(index) {
    await Promise.resolve();
    const content = Buffer.from(Object.values(contents)[index]!);
    for (const byte of content) yield Buffer.from([byte]);
  },
});

const uploadedAs = (
  method: WorkloadMethod,
  name: string,
  build: Record<string, number> = {},
): PlannedWorkload =>
  plannedWorkload(name, {
    parameters: build,
    uploaded: {
      digest: digestOf(name),
      method,
      definition: WorkloadDefinition.parse({
        name,
        summary: '',
        targets: ['aarch64-softmmu'],
        parameters: Object.fromEntries(
          Object.keys(build).map((parameter) => [
            parameter,
            {
              description: '',
              type: 'integer',
              unit: '1',
              default: 1,
              minimum: 0,
              maximum: 9,
              stage: 'build',
            },
          ]),
        ),
        run: { arguments: [], exitStatus: 0, timeoutSeconds: 5 },
      }),
    },
  });

interface Made {
  readonly workloads: UploadedWorkloads;
  readonly containers: ContainerSpec[];
  /** Tags of built and committed images. */
  readonly images: string[];
  readonly copied: { path: string; content: Buffer }[];
  readonly opened: string[];
}

function workloadsWith(
  contents: Record<string, string>,
  overrides: Partial<Engine> = {},
  files: WorkloadFiles = filesOf(contents),
  exitStatus = 0,
): Made {
  const containers: ContainerSpec[] = [];
  const images: string[] = [];
  const copied: { path: string; content: Buffer }[] = [];
  const opened: string[] = [];
  const inner = fakeBackend({
    exitStatus: 0,
    absent: /^qibench\/workload:/,
    ending: () => ({ exitStatus }),
    output: () => 'guest.c:3:1: error: expected declaration\n',
  });
  const backend: Engine = {
    ...inner,
    create: (spec) => {
      containers.push(spec);
      return inner.create(spec);
    },
    async copyIn(_, path, content) {
      copied.push({ path, content: await readStream(content as Readable, 'a test', 1024 ** 2) });
    },
    copyOut: async (_, path) => packFiles([{ path: `${path.slice(1)}/guest`, content: 'made' }]),
    async buildImage(context, options, onLog) {
      images.push(options.tag);
      copied.push({ path: '(build)', content: await readStream(context, 'a test', 1024 ** 2) });
      await inner.buildImage(Readable.from([]), options, onLog);
    },
    async commit(id, tag, labels) {
      images.push(tag);
      await inner.commit(id, tag, labels);
    },
    ...overrides,
  };
  const job = {
    context: { ...testContext(process.cwd()), backend, lockFolder },
    job: { plan: {}, request: {} } as Job,
    openUpload: async (digest: string) => {
      opened.push(digest);
      return files;
    },
  } as unknown as JobContext;
  const inputs = {
    suite: 'bookworm',
    base: 'debian:bookworm-slim',
    target: 'aarch64-softmmu',
  } as const;
  return { workloads: new UploadedWorkloads(job, inputs), containers, images, copied, opened };
}

async function namesIn(content: Buffer): Promise<string[]> {
  const names: string[] = [];
  const extract = tar.extract();
  Readable.from([content]).pipe(extract);
  for await (const entry of extract) {
    names.push(entry.header.name);
    entry.resume();
  }
  return names;
}

const make = (made: Made, planned: PlannedWorkload) =>
  made.workloads.volume(planned, planned.uploaded!);

test('a tar of a workload has its files in folders, all executable, in full', async () => {
  const content = await readStream(
    packWorkload(filesOf({ 'a/b/kernel': 'bytes', empty: '', 'a/c': 'x' }), 'workload/', 1000),
    'a test',
    1024 ** 2,
  );
  const entries: unknown[] = [];
  const extract = tar.extract();
  Readable.from([content]).pipe(extract);
  for await (const entry of extract) {
    const { name, mode, uid, type } = entry.header;
    const bytes = await readStream(entry, name, 100);
    entries.push([name, type, mode, uid, bytes.toString()]);
  }

  expect(entries).toEqual([
    ['workload/', 'directory', 0o755, 1000, ''],
    ['workload/a/', 'directory', 0o755, 1000, ''],
    ['workload/a/b/', 'directory', 0o755, 1000, ''],
    ['workload/a/b/kernel', 'file', 0o755, 1000, 'bytes'],
    ['workload/empty', 'file', 0o755, 1000, ''],
    ['workload/a/c', 'file', 0o755, 1000, 'x'],
  ]);
});

test('a file that ends early fails the copy', async () => {
  const files = { ...filesOf({ a: 'x' }), files: [{ path: 'a', sizeBytes: 2 }] };

  await expect(readStream(packWorkload(files, '', 0), 'a test', 10_000)).rejects.toThrow();
});

test('files as they are fill a volume, once for all runs that differ in run parameters', async () => {
  const made = workloadsWith({ 'workload.yaml': 'name: a', kernel: 'k' });
  const planned = uploadedAs('files', 'plain');

  const volume = await make(made, planned);
  expect(await make(made, { ...planned, label: 'plain rounds=3' })).toBe(volume);

  expect(made.images).toEqual([]);
  expect(made.opened).toHaveLength(1);
  expect(made.copied).toHaveLength(1);
  expect(await namesIn(made.copied[0]!.content)).toEqual(['workload.yaml', 'kernel']);
  expect(made.containers.at(-1)).toMatchObject({ command: ['true'], network: 'none' });
});

test('a Makefile runs without network as an unprivileged user, and only its folder is kept', async () => {
  const made = workloadsWith({ Makefile: 'all:', 'guest.c': '' });

  await make(made, uploadedAs('make', 'made', { level: 3 }));

  const compiler = made.containers.find(({ command }) => command[0] === 'sh')!;
  expect(compiler).toMatchObject({
    user: '1000:1000',
    network: 'none',
    memoryBytes: 4 * 1024 ** 3,
    pids: 512,
  });
  expect(compiler.command.slice(4)).toEqual([
    'ARCHITECTURE=aarch64',
    'CROSS_COMPILE=aarch64-linux-gnu-',
    'CC=aarch64-linux-gnu-gcc',
    'LEVEL=3',
  ]);
  expect(compiler.image).toContain('guest-toolchain');
  expect(await namesIn(made.copied[0]!.content)).toEqual([
    'workload/',
    'workload/Makefile',
    'workload/guest.c',
  ]);
  expect(made.images).toHaveLength(1);
  expect(made.images[0]).toMatch(/^qibench\/workload:uploaded-[0-9a-f]{64}$/);
});

test("a Makefile that fails is its author's error, with file and line", async () => {
  const made = workloadsWith({ Makefile: '' }, {}, undefined, 2);

  await expect(make(made, uploadedAs('make', 'broken'))).rejects.toMatchObject({
    code: 'COMPILE_FAILED',
    details: [{ path: 'guest.c:3', message: 'expected declaration' }],
  });
  expect(made.images).toEqual([]);
});

test('a Dockerfile gets the files as context, and the arguments of shipped workloads', async () => {
  const asked: unknown[] = [];
  const made = workloadsWith(
    { Dockerfile: 'FROM scratch' },
    {
      buildImage: async (context, options) => {
        asked.push(options.arguments, options.labels);
        await readStream(context, 'a test', 1024 ** 2);
      },
    },
  );

  await make(made, uploadedAs('image', 'built', { level: 2 }));

  expect(asked).toEqual([
    { BASE: 'debian:bookworm-slim', ARCHITECTURE: 'aarch64', LEVEL: '2' },
    { 'qibench.key': expect.any(String) as string },
  ]);
});

test('the uploaded workloads of a job have a limit together, however little they pack to', async () => {
  const half = WORKLOAD_LIMITS.jobBytes / 2;
  const files: WorkloadFiles = {
    files: [{ path: 'zeros', sizeBytes: half }],
    content: () => Readable.from([]),
  };
  const made = workloadsWith({}, { copyIn: async () => undefined }, files);

  await make(made, uploadedAs('files', 'one'));
  await make(made, uploadedAs('files', 'two'));
  await expect(make(made, uploadedAs('files', 'three'))).rejects.toMatchObject({
    code: 'TOO_LARGE',
    message: "the total of the job's uploaded workloads is larger than 4294967296 bytes",
  });
});
