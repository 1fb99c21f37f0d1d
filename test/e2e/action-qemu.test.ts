// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Build } from '#contract/build.js';
import type { Job } from '#contract/job.js';
import { ensureSource } from '#worker/build/source.js';
import { ensureToolchain } from '#worker/build/images.js';
import { readVersions } from '#worker/build/versions.js';
import { TestRepository } from '#support/action/repository.js';
import { pullRequestStep, type PullRequestStep } from '#support/action/pull-request.js';
import { runAction, type Ended } from '#support/action/workflow.js';
import { testContext } from '#support/context.js';
import { FakeGitHub } from '#support/github/fake-github.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

const VERSION = '7.2';
const JOB = `name: user-mode speed
qemu: { version: "${VERSION}", target: x86_64-linux-user }
variants: [none]
workloads: [{ name: matmult, parameters: { size: 60 } }]
blocks: 8
`;

let service: TestService;
const github = new FakeGitHub();
const repository = new TestRepository();
let baseSha: string;
let headSha: string;

beforeAll(async () => {
  service = await startTestService();
  await github.start();
  // A fork of QEMU reduced to the folder that the pull request changes, from the source of job
  // builds.
  const context = testContext(process.cwd());
  const entry = (await readVersions(process.cwd()))[VERSION]!;
  const { tag } = await ensureSource(
    context,
    VERSION,
    entry,
    await ensureToolchain(context, entry),
  );
  const files = execFileSync(
    'docker',
    ['run', '--rm', '--network', 'none', tag, 'tar', '-C', '/qemu/src', '-c', 'linux-user'],
    { maxBuffer: 64 * 1024 ** 2 },
  );
  execFileSync('tar', ['-x', '-C', repository.workspace], { input: files });
  baseSha = repository.write('.qibench.yaml', JOB).commit('QEMU as it is');
  repository.git('switch', '-q', '-c', 'topic');
  repository
    .write('linux-user/pace.h', '/* fifty milliseconds */\n#define PACE_MICROSECONDS 50000\n')
    .commit('linux-user: a pace ::error::x @everyone <b>');
  const path = join(repository.workspace, 'linux-user/main.c');
  const main = readFileSync(path, 'utf8')
    .replace('#include "elf.h"\n', '#include "elf.h"\n#include "pace.h"\n')
    .replace(
      '    error_init(argv[0]);\n',
      '    error_init(argv[0]);\n    g_usleep(PACE_MICROSECONDS);\n',
    );
  expect(main).toContain('g_usleep(PACE_MICROSECONDS)');
  headSha = repository.write('linux-user/main.c', main).commit('linux-user: keep the pace');
}, BUILD_LIMIT_MS);
afterAll(async () => {
  await service.stop();
  await github.stop();
  repository.remove();
}, 120_000);

const step = (details: Partial<PullRequestStep> & { number: number; runId: string }) =>
  pullRequestStep({
    server: service.client.server,
    github,
    headSha,
    baseSha,
    workspace: repository.shallow(headSha),
    ...details,
    inputs: { repository: 'qemu', ...details.inputs },
  });
const jobOf = ({ outputs }: Ended) => service.client.get<Job>(`/v1/jobs/${outputs['job-id']}`);
const lastCheck = () => [...github.checks.values()].at(-1)!;

test(
  'a pull request of a QEMU fork is built with and without its commits; comment and check ' +
    'run report the slowdown',
  async () => {
    const ended = await runAction(step({ number: 1, runId: '1' }));

    expect(ended).toMatchObject({
      status: 1,
      outputs: { status: 'succeeded', verdict: 'regression', 'baseline-sha': baseSha },
    });
    const job = await jobOf(ended);
    expect(job).toMatchObject({
      state: 'succeeded',
      request: { commit: headSha, branch: 'pull/1' },
      plan: {
        sides: {
          head: { qemu: { patches: expect.stringMatching(/^sha256:/) } },
          base: { qemu: { patches: null } },
        },
      },
    });
    const upload = await service.client.get<{ files: { path: string }[] }>(
      `/v1/uploads/${job.plan.sides!.head.qemu.patches}`,
    );
    expect(upload.files.map(({ path }) => path)).toEqual([
      expect.stringMatching(/^0001-linux-user-a-pace/),
      '0002-linux-user-keep-the-pace.patch',
    ]);
    const { builds } = await service.client.get<{ builds: Build[] }>(`/v1/jobs/${job.id}/builds`);
    expect(builds.map(({ side }) => side).sort()).toEqual(['base', 'head']);
    expect(new Set(builds.map(({ binaryDigest }) => binaryDigest)).size).toBe(2);

    const bodies = github.comments.get(1)!.map(({ body }) => body);
    expect(bodies).toEqual([
      expect.stringMatching(/Head against base[\s\S]*\*\*regression\*\*, confirmed: between/),
    ]);
    expect(bodies[0]).not.toMatch(/everyone|::error/);
    expect(lastCheck()).toMatchObject({
      status: 'completed',
      conclusion: 'failure',
      head_sha: headSha,
      details_url: ended.outputs['report-url'],
    });
  },
  BUILD_LIMIT_MS,
);

test(
  "a stranger's pull request to a QEMU fork is packed as patches, without rights, and " +
    'measured after a maintainer set the label',
  async () => {
    const pull = {
      number: 2,
      head: { sha: headSha, repo: { id: 2, pushed_at: '2026-01-01T00:00:00Z' } },
    };
    const folder = join(repository.root, 'pack');
    const asked = github.asked.length;
    const packed = await runAction(
      step({
        number: 2,
        runId: '2',
        pull,
        inputs: { mode: 'pack', 'pack-folder': folder, 'server-url': '', 'github-token': '' },
      }),
    );
    expect(packed).toMatchObject({ status: 0, outputs: { status: 'packed' } });
    expect(github.asked).toHaveLength(asked);

    github.pulls.set(2, { number: 2, head: pull.head, base: { sha: baseSha, repo: { id: 1 } } });
    const submit = {
      ...step({
        number: 2,
        runId: '3',
        inputs: {
          mode: 'submit-packed',
          'pack-folder': folder,
          'label-required': 'bench',
          'fail-on': 'never',
        },
        workspace: repository.shallow(baseSha),
        environment: {
          GITHUB_EVENT_NAME: 'workflow_run',
          GITHUB_SHA: baseSha,
          GITHUB_REF: 'refs/heads/main',
        },
      }),
      event: {
        workflow_run: {
          event: 'pull_request',
          head_sha: headSha,
          head_branch: 'topic',
          head_repository: { owner: { login: 'stranger' } },
        },
      },
    };
    const before = await service.client.get<{ jobs: Job[] }>('/v1/jobs');
    const refused = await runAction(submit);
    expect(refused).toMatchObject({ status: 0, outputs: { status: 'skipped', 'job-id': '' } });
    expect((await service.client.get<{ jobs: Job[] }>('/v1/jobs')).jobs).toHaveLength(
      before.jobs.length,
    );

    github.events.set(2, [
      {
        event: 'labeled',
        label: { name: 'bench' },
        created_at: '2026-01-02T00:00:00Z',
        actor: { login: 'maintainer' },
      },
    ]);
    const ended = await runAction(submit);
    expect(ended).toMatchObject({
      status: 0,
      outputs: { status: 'succeeded', verdict: 'regression', 'baseline-sha': baseSha },
    });
    expect(lastCheck()).toMatchObject({ conclusion: 'neutral' });
    const comment = github.comments.get(2)!.map(({ body }) => body);
    expect(comment).toEqual([expect.stringContaining('approved by a maintainer')]);
    const { plan } = await jobOf(ended);
    expect(plan.sides).toMatchObject({
      base: { qemu: { patches: null } },
      head: { qemu: { patches: expect.stringMatching(/^sha256:/) } },
    });
  },
  BUILD_LIMIT_MS,
);
