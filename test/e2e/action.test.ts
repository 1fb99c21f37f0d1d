import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jobEvents } from '#cli/event-stream.js';
import type { Job, JobList } from '#contract/job.js';
import { TestRepository } from '#support/action/repository.js';
import { runAction, type Ended, type Step } from '#support/action/workflow.js';
import { FakeGitHub } from '#support/github/fake-github.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

const JOB = (blocks = 6, writes = 20_000) => `name: what \`count\` costs @everyone
qemu: { version: "7.2", target: x86_64-softmmu }
events: [memory_region_ops_write]
instrumentation: code
variants: [none, dynamic]
workloads: [{ name: port-io, parameters: { writes: ${writes} } }]
blocks: ${blocks}
confirm: false
`;

let service: TestService;
const github = new FakeGitHub();
const repository = new TestRepository();
let baseSha: string;
let headSha: string;
let checkout: string;

beforeAll(async () => {
  service = await startTestService(7430);
  await github.start();
  baseSha = repository
    .copy('qemu/examples/count', 'code')
    .write('.qibench.yaml', JOB())
    .commit('base');
  repository.git('switch', '-q', '-c', 'topic');
  headSha = repository
    .write(
      'code/instrument.c',
      `${readFileSync('qemu/examples/count/instrument.c', 'utf8')}/* another head */\n`,
    )
    .commit('head');
  checkout = repository.shallow(headSha);
}, 120_000);
afterAll(async () => {
  await service.stop();
  await github.stop();
  repository.remove();
}, 120_000);

const eventOf = (number: number, sha: string) => ({
  action: 'synchronize',
  pull_request: {
    number,
    head: { sha, repo: { id: 1, pushed_at: '2026-01-01T00:00:00Z' } },
    base: { sha: baseSha, repo: { id: 1 } },
  },
});
const step = (
  number: number,
  details: Partial<Step> & { sha?: string; workspace?: string; runId?: string } = {},
): Step => ({
  inputs: { 'server-url': service.client.server, 'github-token': 'ghs_secret', ...details.inputs },
  environment: {
    GITHUB_EVENT_NAME: 'pull_request',
    GITHUB_REPOSITORY: 'owner/name',
    GITHUB_SHA: details.sha ?? headSha,
    GITHUB_REF: `refs/pull/${number}/merge`,
    GITHUB_RUN_ID: details.runId ?? '100',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'bench',
    GITHUB_WORKSPACE: details.workspace ?? checkout,
    GITHUB_API_URL: github.url,
    GITHUB_SERVER_URL: 'https://github.example',
    ...details.environment,
  },
  event: details.event ?? eventOf(number, details.sha ?? headSha),
  onOutput: details.onOutput,
  after: details.after,
});
const jobOf = ({ outputs }: Ended) => service.client.get<Job>(`/v1/jobs/${outputs['job-id']}`);
const commentsOn = (number: number) => github.comments.get(number) ?? [];
const lastCheck = () => [...github.checks.values()].at(-1)!;

test(
  'a pull request is measured against its merge base, from a shallow checkout to comment, ' +
    'check run and outputs',
  async () => {
    const ended = await runAction(step(1));

    expect(ended).toMatchObject({
      status: 0,
      outputs: { status: 'succeeded', 'baseline-sha': baseSha, advisory: 'false' },
    });
    const job = await jobOf(ended);
    expect(job).toMatchObject({
      state: 'succeeded',
      request: { commit: headSha, branch: 'pull/1' },
    });
    expect(job.plan.sides!.base!.instrumentation).not.toBe(job.plan.sides!.head.instrumentation);
    expect(['regression', 'inconclusive', 'improvement', 'no-change']).toContain(
      ended.outputs.verdict,
    );
    expect(ended.outputs['report-url']).toBe(`${service.client.server}/jobs/${job.id}`);
    const report = JSON.parse(readFileSync(ended.outputs['report-json']!, 'utf8')) as {
      comparisons: { sides: unknown[] }[];
    };
    expect(report.comparisons[0]!.sides).toHaveLength(2);

    const [comment, ...more] = commentsOn(1);
    expect(more).toEqual([]);
    expect(comment!.body).toContain('Head against base');
    expect(comment!.body).toContain(baseSha.slice(0, 12));
    expect(comment!.body).not.toMatch(/@everyone|`count`/);
    expect(ended.summary).toContain('Head against base');
    expect(lastCheck()).toMatchObject({
      status: 'completed',
      head_sha: headSha,
      details_url: ended.outputs['report-url'],
    });
    expect(ended.log).toMatch(/^::group::measure$/m);
    expect(ended.log).toMatch(/warm-up block|block \d of 6/);
    expect(ended.log).toContain('::add-mask::ghs_secret');
    expect(ended.log.replaceAll('::add-mask::ghs_secret', '')).not.toContain('ghs_secret');
  },
  BUILD_LIMIT_MS,
);

test(
  'a re-run of the same workflow run reuses its job, and a new run updates the one comment',
  async () => {
    const before = await service.client.get<JobList>('/v1/jobs');
    const again = await runAction(step(1));
    const after = await service.client.get<JobList>('/v1/jobs');
    const next = await runAction(step(1, { runId: '101' }));

    expect(after.jobs.length).toBe(before.jobs.length);
    expect(again).toMatchObject({ status: 0, outputs: { status: 'succeeded' } });
    expect(next.outputs['job-id']).not.toBe(again.outputs['job-id']);
    expect(commentsOn(1)).toHaveLength(1);
    expect(commentsOn(1)[0]!.body).toContain(next.outputs['job-id']);
  },
  BUILD_LIMIT_MS,
);

test(
  'code that does not compile fails the step with an annotation at its line, and is never called a regression',
  async () => {
    const sha = repository
      .write('code/instrument.c', '#include <stddef.h>\nint broken = ;\n')
      .commit('broken');
    const ended = await runAction(step(2, { sha, workspace: repository.workspace }));

    expect(ended).toMatchObject({ status: 1, outputs: { status: 'failed', verdict: '' } });
    expect(lastCheck()).toMatchObject({
      conclusion: 'failure',
      output: { title: 'the code does not compile' },
    });
    expect(lastCheck().annotations).toMatchObject([
      { path: 'code/instrument.c', start_line: 2, annotation_level: 'failure' },
    ]);
    expect(ended.log).toMatch(/^::stop-commands::/m);
    expect(commentsOn(2)[0]!.body).toContain('COMPILE&#95;FAILED');
  },
  BUILD_LIMIT_MS,
);

test(
  'without permission for checks and comments, the summary holds the whole report and the ' +
    'log has the annotation',
  async () => {
    const forbidden = { status: 403, body: { message: 'Resource not accessible by integration' } };
    github.faults.push(
      { on: /POST .*check-runs/, ...forbidden },
      { on: /GET .*comments/, ...forbidden },
    );
    const ended = await runAction(
      step(3, { sha: repository.git('rev-parse', 'topic'), workspace: repository.workspace }),
    );

    expect(ended.outputs.status).toBe('failed');
    expect(ended.summary).toContain('does not compile');
    expect(ended.log).toMatch(
      /^::warning::no check run: Resource not accessible by integration.*checks: write/m,
    );
    expect(ended.log).toMatch(/^::error title=qibench,file=code\/instrument.c,line=2/m);
  },
  BUILD_LIMIT_MS,
);

test(
  'a pull request that changes nothing measured sends no request to the service',
  async () => {
    repository.git('switch', '-q', '-c', 'readme', baseSha);
    const sha = repository.write('README.md', 'words').commit('words');
    const ended = await runAction(step(4, { sha, workspace: repository.shallow(sha) }));

    expect(ended).toMatchObject({ status: 0, outputs: { status: 'unchanged', 'job-id': '' } });
    expect(commentsOn(4)).toEqual([]);
  },
  BUILD_LIMIT_MS,
);

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s cancels the job',
  async (signal) => {
    repository.git('switch', '-q', '-C', 'long', baseSha);
    const sha = repository
      .write('.qibench.yaml', JOB(200, 20_000_000))
      .commit(`long, for ${signal}`);
    let sent = false;
    const { workspace } = repository;
    const ended = await runAction(
      step(5, {
        sha,
        workspace,
        runId: signal === 'SIGINT' ? '200' : '201',
        onOutput: (text, kill) => {
          if (sent || !/block \d+ of 200/.test(text)) return;
          sent = true;
          kill(signal);
        },
      }),
    );

    expect(ended).toMatchObject({ status: 1, outputs: { status: 'cancelled' } });
    // GitHub always runs the post step; on a slow machine it does the work that the step had no
    // time for.
    await runAction(step(5, { sha, workspace, after: ended }));
    expect(lastCheck()).toMatchObject({ conclusion: 'cancelled' });
    await expectCancelled(ended.state.job!);
  },
  BUILD_LIMIT_MS,
);

test(
  'the post step of a killed step cancels its job and completes its check run',
  async () => {
    let sent = false;
    const sha = repository.git('rev-parse', 'long');
    const killed = await runAction(
      step(6, {
        sha,
        workspace: repository.workspace,
        runId: '202',
        onOutput: (text, kill) => {
          if (sent || !/block \d+ of 200/.test(text)) return;
          sent = true;
          kill('SIGKILL');
        },
      }),
    );
    expect(lastCheck()).toMatchObject({ status: 'in_progress' });

    const after = await runAction(step(6, { sha, workspace: repository.workspace, after: killed }));

    expect(after.status).toBe(0);
    expect(lastCheck()).toMatchObject({ status: 'completed', conclusion: 'cancelled' });
    await expectCancelled(killed.state.job!);
  },
  BUILD_LIMIT_MS,
);

test(
  'a service that does not answer fails the step, or warns if configured so; the report says ' +
    'that the code was not judged',
  async () => {
    const inputs = { 'server-url': 'http://127.0.0.1:9', check: 'false' };
    const [fails, warns] = await Promise.all([
      runAction(step(7, { inputs })),
      runAction(step(8, { inputs: { ...inputs, 'on-service-error': 'warn' } })),
    ]);

    expect(fails).toMatchObject({ status: 1, outputs: { status: 'service-failed', verdict: '' } });
    expect(fails.log).toMatch(
      /^::error::qibench itself failed: the code was not judged: no qibench service answers at http:\/\/127.0.0.1:9/m,
    );
    expect(warns.status).toBe(0);
    expect(warns.summary).toContain('The code was not judged');
  },
  BUILD_LIMIT_MS,
);

test(
  "a fork's pull request is packed without secrets, and measured from the pack after a " +
    'maintainer set the label',
  async () => {
    const fork = {
      number: 9,
      head: { sha: headSha, repo: { id: 2, pushed_at: '2026-01-01T00:00:00Z' } },
      base: { sha: baseSha, repo: { id: 1 } },
    };
    const folder = join(repository.root, 'pack');
    const packed = await runAction(
      step(9, {
        inputs: { mode: 'pack', 'pack-folder': folder, 'server-url': '' },
        event: { pull_request: fork },
      }),
    );
    expect(packed).toMatchObject({ status: 0, outputs: { status: 'packed' } });

    const submit = step(9, {
      inputs: { mode: 'submit-packed', 'pack-folder': folder, 'label-required': 'bench' },
      runId: '300',
      environment: {
        GITHUB_EVENT_NAME: 'workflow_run',
        GITHUB_SHA: baseSha,
        GITHUB_REF: 'refs/heads/main',
      },
      event: {
        workflow_run: {
          event: 'pull_request',
          head_sha: headSha,
          head_branch: 'topic',
          head_repository: { owner: { login: 'stranger' } },
        },
      },
    });
    github.pulls.set(9, fork);
    const refused = await runAction(submit);
    github.events.set(9, [
      { event: 'labeled', label: { name: 'bench' }, created_at: '2026-01-02T00:00:00Z' },
    ]);
    const ended = await runAction(submit);

    expect(refused).toMatchObject({ status: 0, outputs: { status: 'skipped', 'job-id': '' } });
    expect(refused.log).toMatch(
      /^::warning::.*a maintainer must review its code and set the label/m,
    );
    expect(ended).toMatchObject({
      status: 0,
      outputs: { status: 'succeeded', 'baseline-sha': baseSha },
    });
    expect(commentsOn(9)).toHaveLength(1);
  },
  BUILD_LIMIT_MS,
);

test(
  'a /bench comment of a maintainer measures the commits pushed before it, and no later ones',
  async () => {
    const pull = (pushed_at: string) => ({
      number: 10,
      head: { sha: headSha, repo: { id: 2, pushed_at } },
      base: { sha: baseSha, repo: { id: 1 } },
    });
    const bench = step(10, {
      inputs: { detach: 'true' },
      runId: '400',
      workspace: repository.shallow(baseSha),
      environment: {
        GITHUB_EVENT_NAME: 'issue_comment',
        GITHUB_SHA: baseSha,
        GITHUB_REF: 'refs/heads/main',
      },
      event: {
        issue: { number: 10, pull_request: {} },
        comment: {
          body: '/bench',
          author_association: 'MEMBER',
          created_at: '2026-01-02T00:00:00Z',
        },
      },
    });
    github.pulls.set(10, pull('2026-01-02T00:00:01Z'));
    const late = await runAction(bench);
    github.pulls.set(10, pull('2026-01-01T00:00:00Z'));
    const ended = await runAction(bench);

    expect(late).toMatchObject({ status: 0, outputs: { status: 'skipped' } });
    expect(late.summary).toContain('pushed after the comment');
    expect(ended).toMatchObject({
      status: 0,
      outputs: { status: 'submitted', 'baseline-sha': baseSha },
    });
    const job = await jobOf(ended);
    expect(job.request).toMatchObject({ branch: 'pull/10', commit: headSha });
    await service.client.post(`/v1/jobs/${job.id}/cancel`, {});
    await expectCancelled(job.id);
  },
  BUILD_LIMIT_MS,
);

test(
  'the Action explains commits of a QEMU fork that do not apply to the version in the job file',
  async () => {
    const qemu = new TestRepository();
    const job =
      'name: q\nqemu: { version: "7.2", target: x86_64-linux-user }\nvariants: ' +
      '[none]\nworkloads: [{ name: matmult, parameters: { size: 60 } }]\nblocks: 6\n';
    const base = qemu
      .write('.qibench.yaml', job)
      .write('linux-user/main.c', 'a\nb\nc\n')
      .commit('base');
    const sha = qemu.write('linux-user/main.c', 'a\nB\nc\n').commit('head: <b>bold</b>');
    const event = {
      pull_request: {
        number: 11,
        head: { sha, repo: { id: 1, pushed_at: '2026-01-01T00:00:00Z' } },
        base: { sha: base, repo: { id: 1 } },
      },
    };
    const ended = await runAction(
      step(11, { sha, event, workspace: qemu.workspace, inputs: { repository: 'qemu' } }),
    );

    expect(ended).toMatchObject({ status: 1, outputs: { status: 'failed', 'baseline-sha': base } });
    expect((await jobOf(ended)).error).toMatchObject({ code: 'PATCH_FAILED' });
    expect(lastCheck()).toMatchObject({ output: { title: 'the patches do not apply' } });
    expect(commentsOn(11)[0]!.body).toContain('set the version that is nearest to the branch');
    qemu.remove();
  },
  BUILD_LIMIT_MS,
);

async function expectCancelled(jobId: string): Promise<void> {
  const states: string[] = [];
  for await (const { body } of jobEvents(service.client, jobId))
    if (body.type === 'state') states.push(body.state);
  expect(states.at(-1)).toBe('cancelled');
}
