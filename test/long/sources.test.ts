// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Build } from '#contract/build.js';
import type { Comparison } from '#contract/comparison.js';
import type { Job } from '#contract/job.js';
import { ensureToolchain } from '#worker/build/images.js';
import { ensureSource } from '#worker/build/source.js';
import { readVersions } from '#worker/build/versions.js';
import { testContext } from '#support/context.js';
import { GitServer } from '#support/git-server.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

/** Two commits of a repository with the whole of QEMU, fetched, built and measured. */

const VERSION = '7.2';
const server = new GitServer();
const folder = mkdtempSync(join(tmpdir(), 'qibench-e2e-source-'));
let service: TestService;
let first: string;
let topic: string;

const git = (...words: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 ** 2,
  }).trim();

beforeAll(async () => {
  const context = testContext(process.cwd());
  const entry = (await readVersions(process.cwd()))[VERSION]!;
  const toolchain = await ensureToolchain(context, entry);
  const { tag } = await ensureSource(context, VERSION, entry, toolchain);
  execFileSync('sh', [
    '-c',
    'docker run --rm --network none "$1" tar -C /qemu/src --exclude=./.pc --exclude=./debian -c . | ' +
      'tar -x --no-same-owner -C "$2"',
    'sh',
    tag,
    folder,
  ]);
  git('init', '--quiet', '--initial-branch=master');
  // The patches that Debian left, and files that its .gitignore hides.
  git('add', '--all', '--force');
  git('commit', '--quiet', '-m', 'QEMU');
  first = git('rev-parse', 'HEAD');
  const main = join(folder, 'linux-user/main.c');
  const change = (from: string, to: string) => {
    writeFileSync(main, readFileSync(main, 'utf8').replace(from, to));
    git('commit', '--quiet', '--all', '-m', to);
  };
  git('tag', 'v7.2');
  git('checkout', '--quiet', '-b', 'topic');
  change('    error_init(argv[0]);\n', '    error_init(argv[0]);\n    g_usleep(1);\n');
  topic = git('rev-parse', 'HEAD');
  git('checkout', '--quiet', '-b', 'moved');
  change('#include "trace/control.h"', '#include "trace/../trace/control.h"');
  execFileSync('git', ['clone', '--quiet', '--bare', folder, join(server.folder, 'qemu.git')]);
  await server.start();
  service = await startTestService({ QIBENCH_SOURCE_HOSTS: server.origin });
}, BUILD_LIMIT_MS);
afterAll(async () => {
  await service.stop();
  await server.remove();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

const repository = () => `${server.origin}/qemu.git`;
const usual = {
  events: ['target_*'],
  workloads: [{ name: 'matmult', parameters: { size: 60 } }],
};
const qemu = (source: object) => ({
  version: VERSION,
  target: 'x86_64-linux-user',
  source: { git: repository(), ...source },
});

/** Runs `port check`; returns its exit status and output. */
function portCheck(source: string): [number | null, string] {
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      'dist/services/cli/main.js',
      '--server',
      service.client.server,
      'port',
      'check',
      source,
      '--qemu',
      VERSION,
      '--target',
      'x86_64-linux-user',
    ],
    { encoding: 'utf8' },
  );
  return [status, stdout];
}

test(
  'port check says which series applies, or the reject, and builds nothing',
  () => {
    expect(portCheck(`{ git: ${repository()}, tag: v7.2 }`)).toEqual([
      0,
      expect.stringMatching(/^the port for QEMU 7\.2 applies to .*\/qemu@[0-9a-f]{12}\n$/),
    ]);
    expect(portCheck(`{ git: ${repository()}, ref: moved }`)).toEqual([
      1,
      expect.stringMatching(
        /^no port applies to .*: patch .* linux-user\/main\.c: Hunk #\d FAILED/,
      ),
    ]);
  },
  BUILD_LIMIT_MS,
);

test(
  'a branch is measured against a tag: commits are pinned, and the port and the events are found',
  async () => {
    const job = await service.finish({
      ...usual,
      name: 'fork',
      qemu: qemu({ ref: 'topic' }),
      variants: ['none', 'idle'],
      baseline: { source: { git: repository(), tag: 'v7.2' } },
      blocks: 8,
    });

    expect([job.state, job.error]).toEqual(['succeeded', null]);
    const { head, base } = job.plan.sides!;
    expect(job.request.qemu.source).toEqual({ git: repository(), ref: 'topic' });
    expect(head.qemu).toMatchObject({ source: { commit: topic }, port: VERSION });
    expect(base!.qemu).toMatchObject({ source: { commit: first }, port: VERSION });
    expect(head.events).toContain('target_mmap');
    expect(job.plan).not.toHaveProperty('open');
    const { builds } = await service.client.get<{ builds: Build[] }>(`/v1/jobs/${job.id}/builds`);
    expect(new Set(builds.map(({ inputs }) => inputs.source)).size).toBe(2);
    const comparison = await service.client.get<Comparison>(`/v1/jobs/${job.id}/comparison`);
    expect(comparison.sides.map(({ variant }) => variant).sort()).toEqual(['idle', 'none']);
  },
  2 * BUILD_LIMIT_MS,
);

test(
  'an event that the tree lacks ends the job, with a message that names it',
  async () => {
    const job = await service.finish({
      name: 'no such event',
      ...usual,
      qemu: qemu({ commit: first }),
      events: ['not_in_this_tree'],
      variants: ['none', 'idle'],
      blocks: 6,
    });

    expect((job satisfies Job).error).toMatchObject({ code: 'UNKNOWN_EVENT', kind: 'user' });
  },
  BUILD_LIMIT_MS,
);

test(
  'where no port applies, the variant that needs one is refused, and the others are measured',
  async () => {
    const job = await service.finish({
      ...usual,
      name: 'moved',
      qemu: qemu({ ref: 'moved' }),
      variants: ['none', 'idle', { mode: 'plugin', plugin: 'insn' }],
      blocks: 6,
    });

    expect([job.state, job.error]).toEqual(['succeeded', null]);
    expect(job.plan.sides!.head.qemu.port).toBeNull();
    expect(job.plan.variants.map(({ name }) => name)).toEqual(['none', 'plugin-insn']);
    expect(job.plan.refused).toEqual([
      {
        variant: 'idle',
        side: 'head',
        reason: expect.stringMatching(/for QEMU 7\.2: linux-user\/main\.c: Hunk #\d FAILED/),
      },
    ]);
  },
  2 * BUILD_LIMIT_MS,
);
