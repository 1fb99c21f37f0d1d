// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LABEL, type ContainerSpec } from '#worker/engine/engine.js';
import { packFiles } from '#worker/build/tar.js';
import { ensureBaseImage, ensureImage, ensureRunner } from '#worker/build/images.js';
import { readVersions } from '#worker/build/versions.js';
import { testContext } from '#support/context.js';

const labels = { 'qibench.test': String(process.pid) };
const context = testContext(process.cwd(), labels);
const { backend } = context;
let image: string;

beforeAll(async () => {
  image = (await ensureRunner(context, (await readVersions(process.cwd()))['7.2']!)).tag;
}, 300_000);
afterAll(() => backend.sweep(labels));

async function run(
  command: string[],
  options: Partial<ContainerSpec> & { timeoutMs?: number; signal?: AbortSignal } = {},
) {
  const { timeoutMs = 20_000, signal, ...spec } = options;
  const container = await backend.create({
    image,
    command,
    user: '65534:65534',
    network: 'none',
    readOnlyRoot: true,
    memoryBytes: 128 * 1024 ** 2,
    pids: 64,
    fileBytes: 1024 ** 3,
    tmpBytes: 16 * 1024 ** 2,
    labels,
    ...spec,
  });
  const output = { stdout: '', stderr: '' };
  try {
    const ending = await backend.run(container, {
      timeoutMs,
      signal,
      onOutput: (stream, chunk) => (output[stream] += chunk.toString()),
    });
    return { ...ending, ...output };
  } finally {
    await backend.remove(container);
  }
}

const shell = (script: string, options?: Parameters<typeof run>[1]) =>
  run(['sh', '-c', script], options);
test('a container has no network, no capability, no way to more rights, and a read-only root', async () => {
  const { stdout } = await shell(
    'id -u; ls /sys/class/net; grep -E "CapEff|CapBnd|NoNewPrivs|Seccomp:" ' +
      '/proc/self/status; touch /x 2>/dev/null && echo written; touch /tmp/x && echo tmp',
  );

  expect(
    stdout
      .replace(/[\t ]+/g, ' ')
      .trim()
      .split('\n'),
  ).toEqual([
    '65534',
    'lo',
    'CapEff: 0000000000000000',
    'CapBnd: 0000000000000000',
    'NoNewPrivs: 1',
    'Seccomp: 2',
    'tmp',
  ]);
});

test('a container that exceeds its memory is killed, and the engine reports it', async () => {
  expect(await run(['tail', '/dev/zero'])).toMatchObject({ outOfMemory: true });
});

test('the process limit stops a fork bomb', async () => {
  const { stdout, stderr } = await shell('for i in $(seq 100); do sleep 5 & done; echo alive', {
    timeoutMs: 15_000,
  });

  expect(`${stdout}${stderr}`).toMatch(/fork|Resource temporarily unavailable/i);
});

test('/tmp is limited in size', async () => {
  expect((await shell('head -c 32M /dev/zero > /tmp/x')).stderr).toMatch(/No space left/);
});

test('a container that does not end is killed at its time limit', async () => {
  expect(await run(['sleep', '600'], { timeoutMs: 500 })).toMatchObject({ timedOut: true });
});

test('an abort kills the container and rejects with its reason', async () => {
  const stop = new AbortController();
  const running = run(['sh', '-c', 'echo up; sleep 600'], { signal: stop.signal });
  setTimeout(() => stop.abort(new Error('enough')), 300);

  await expect(running).rejects.toThrow('enough');
});

test('an abort takes effect at any time, also while the container starts', async () => {
  for (const delayMs of [0, 30, 60, 120, 240]) {
    const stop = new AbortController();
    const running = run(['sleep', '600'], { signal: stop.signal, timeoutMs: 600_000 });
    setTimeout(() => stop.abort(new Error('enough')), delayMs);
    await expect(running).rejects.toThrow('enough');
  }
}, 60_000);

test('a missing image is an error of the catalogue', async () => {
  await expect(run(['true'], { image: 'qibench/none:none' })).rejects.toMatchObject({
    code: 'DOCKER_FAILED',
  });
});

test('a pinned container runs on its CPUs only, without a quota', async () => {
  const { stdout } = await shell(
    'grep Cpus_allowed_list /proc/self/status; cat /sys/fs/cgroup/cpu.max ' +
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null',
    { cpuset: '0' },
  );

  expect(stdout).toMatch(/^Cpus_allowed_list:\s+0\n(max \d+|-1)\n$/);
});

test("a sweep removes a job's containers, not those that others started from the job's image", async () => {
  const mine = { ...labels, 'qibench.job': `job-${process.pid}` };
  const tag = `qibench/test:${process.pid}`;
  const spec = {
    image,
    command: ['true'],
    user: '65534:65534',
    network: 'none' as const,
    readOnlyRoot: false,
    memoryBytes: 64 * 1024 ** 2,
    pids: 8,
    fileBytes: 1024 ** 3,
  };
  await backend.commit(await backend.create({ ...spec, labels: mine }), tag, {});
  const others = await backend.create({ ...spec, image: tag, labels });

  expect(await backend.sweep({ 'qibench.job': mine['qibench.job'] })).toMatchObject({
    containers: 1,
  });
  await backend.remove(others);
  execFileSync('docker', ['rmi', tag]);
});

test(
  'an image that lost its name to a newer commit is removed, or left to a sweep while a ' +
    'container uses it',
  async () => {
    const tag = `qibench/build:test-${process.pid}-name`;
    const spec = {
      image,
      command: ['true'],
      user: '65534:65534',
      network: 'none',
      readOnlyRoot: false,
      memoryBytes: 128 * 1024 ** 2,
      pids: 8,
      fileBytes: 1024 ** 2,
      labels,
    } as const;
    const committed = async (content: string) => {
      const container = await backend.create(spec);
      await backend.copyIn(container, '/tmp', packFiles([{ path: 'content', content }]));
      await backend.commit(container, tag, { [LABEL.key]: content });
      await backend.remove(container);
      return backend.imageId(tag);
    };
    const nameless = async (...ids: string[]) =>
      (await backend.listCached()).map(({ name }) => name).filter((name) => ids.includes(name));
    const first = await committed('first');
    const second = await committed('second');
    const user = await backend.create({ ...spec, image: tag });
    const third = await committed('third');

    expect(await nameless(first, second, third)).toEqual([second]);
    expect(await backend.removeDangling(0)).not.toContain(second);
    await backend.remove(user);
    expect(await backend.removeDangling(3_600_000)).not.toContain(second);
    expect(await backend.removeDangling(0)).toContain(second);
    expect(await nameless(first, second, third)).toEqual([]);
    await backend.evict(tag, 'image');
  },
);

test('leftovers of build stages are counted, and can be removed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'qibench-stages-'));
  const mark = `stage of ${process.pid}`;
  const stages = `ARG BASE
FROM \${BASE} AS build
LABEL qibench=1
RUN echo ${mark} > /content
FROM \${BASE}
COPY --from=build /content /
`;
  await writeFile(join(folder, 'Dockerfile'), stages);
  try {
    const base = await ensureBaseImage(context, 'bookworm');
    const { tag } = await ensureImage(context, {
      name: 'workload',
      label: 'stages',
      folder,
      arguments: { BASE: base },
    });
    const left = execFileSync(
      'docker',
      ['images', '-q', '--no-trunc', '--filter', 'dangling=true', '--filter', 'label=qibench'],
      { encoding: 'utf8' },
    )
      .trim()
      .split('\n');
    const ours = left.filter((id) =>
      execFileSync('docker', ['inspect', '-f', '{{.ContainerConfig.Cmd}}', id], {
        encoding: 'utf8',
      }).includes(mark),
    );

    expect(ours).toHaveLength(1);
    expect((await backend.listCached()).map(({ name }) => name)).toEqual(
      expect.arrayContaining([tag, ours[0]]),
    );
    expect(await Promise.all([tag, ours[0]!].map((name) => backend.evict(name, 'image')))).toEqual([
      true,
      true,
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 300_000);
