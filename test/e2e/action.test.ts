// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';
import type { JobList } from '#contract/job.js';
import { TestRepository } from '#support/action/repository.js';
import { runAction } from '#support/action/workflow.js';
import { BUILD_LIMIT_MS } from '#support/user-service.js';
import { ActionService, JOB } from '#support/action/action-service.js';

const action = new ActionService();
beforeAll(() => action.start(), 120_000);
afterAll(() => action.stop(), 120_000);

test(
  'a pull request is measured against its merge base, from a shallow checkout to comment, ' +
    'check run and outputs',
  async () => {
    const ended = await runAction(action.step(1));

    expect(ended).toMatchObject({
      status: 0,
      outputs: { status: 'succeeded', 'baseline-sha': action.baseSha, advisory: 'false' },
    });
    const job = await action.jobOf(ended);
    expect(job).toMatchObject({
      state: 'succeeded',
      request: { commit: action.headSha, branch: 'pull/1' },
    });
    expect(job.plan.sides!.base!.instrumentation).not.toBe(job.plan.sides!.head.instrumentation);
    expect(['regression', 'inconclusive', 'improvement', 'no-change']).toContain(
      ended.outputs.verdict,
    );
    expect(ended.outputs['report-url']).toBe(`${action.service.client.server}/jobs/${job.id}`);
    const report = JSON.parse(readFileSync(ended.outputs['report-json']!, 'utf8')) as {
      comparisons: { sides: unknown[] }[];
    };
    expect(report.comparisons[0]!.sides).toHaveLength(2);

    const [comment, ...more] = action.commentsOn(1);
    expect(more).toEqual([]);
    expect(comment!.body).toContain('Head against base');
    expect(comment!.body).toContain(action.baseSha.slice(0, 12));
    expect(comment!.body).not.toMatch(/@everyone|`count`/);
    expect(ended.summary).toContain('Head against base');
    expect(action.lastCheck()).toMatchObject({
      status: 'completed',
      head_sha: action.headSha,
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
    const before = await action.service.client.get<JobList>('/v1/jobs');
    const again = await runAction(action.step(1));
    const after = await action.service.client.get<JobList>('/v1/jobs');
    const next = await runAction(action.step(1, { runId: '101' }));

    expect(after.jobs.length).toBe(before.jobs.length);
    expect(again).toMatchObject({ status: 0, outputs: { status: 'succeeded' } });
    expect(next.outputs['job-id']).not.toBe(again.outputs['job-id']);
    expect(action.commentsOn(1)).toHaveLength(1);
    expect(action.commentsOn(1)[0]!.body).toContain(next.outputs['job-id']);
  },
  BUILD_LIMIT_MS,
);

test(
  'code that does not compile fails the step with an annotation at its line, and is never called a regression',
  async () => {
    const sha = action.repository
      .write('code/instrument.c', '#include <stddef.h>\nint broken = ;\n')
      .commit('broken');
    const ended = await runAction(action.step(2, { sha, workspace: action.repository.workspace }));

    expect(ended).toMatchObject({ status: 1, outputs: { status: 'failed', verdict: '' } });
    expect(action.lastCheck()).toMatchObject({
      conclusion: 'failure',
      output: { title: 'the code does not compile' },
    });
    expect(action.lastCheck().annotations).toMatchObject([
      { path: 'code/instrument.c', start_line: 2, annotation_level: 'failure' },
    ]);
    expect(ended.log).toMatch(/^::stop-commands::/m);
    expect(action.commentsOn(2)[0]!.body).toContain('COMPILE&#95;FAILED');
  },
  BUILD_LIMIT_MS,
);

test(
  'without permission for checks and comments, the summary holds the whole report and the ' +
    'log has the annotation',
  async () => {
    const forbidden = { status: 403, body: { message: 'Resource not accessible by integration' } };
    action.github.faults.push(
      { on: /POST .*check-runs/, ...forbidden },
      { on: /GET .*comments/, ...forbidden },
    );
    const ended = await runAction(
      action.step(3, {
        sha: action.repository.git('rev-parse', 'topic'),
        workspace: action.repository.workspace,
      }),
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
    action.repository.git('switch', '-q', '-c', 'readme', action.baseSha);
    const sha = action.repository.write('README.md', 'words').commit('words');
    const ended = await runAction(
      action.step(4, { sha, workspace: action.repository.shallow(sha) }),
    );

    expect(ended).toMatchObject({ status: 0, outputs: { status: 'unchanged', 'job-id': '' } });
    expect(action.commentsOn(4)).toEqual([]);
  },
  BUILD_LIMIT_MS,
);

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s cancels the job',
  async (signal) => {
    action.repository.git('switch', '-q', '-C', 'long', action.baseSha);
    const sha = action.repository
      .write('.qibench.yaml', JOB(200, 20_000_000))
      .commit(`long, for ${signal}`);
    let sent = false;
    const { workspace } = action.repository;
    const ended = await runAction(
      action.step(5, {
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
    await runAction(action.step(5, { sha, workspace, after: ended }));
    expect(action.lastCheck()).toMatchObject({ conclusion: 'cancelled' });
    await action.expectCancelled(ended.state.job!);
  },
  BUILD_LIMIT_MS,
);

test(
  'the post step of a killed step cancels its job and completes its check run',
  async () => {
    let sent = false;
    const sha = action.repository.git('rev-parse', 'long');
    const killed = await runAction(
      action.step(6, {
        sha,
        workspace: action.repository.workspace,
        runId: '202',
        onOutput: (text, kill) => {
          if (sent || !/block \d+ of 200/.test(text)) return;
          sent = true;
          kill('SIGKILL');
        },
      }),
    );
    expect(action.lastCheck()).toMatchObject({ status: 'in_progress' });

    const after = await runAction(
      action.step(6, { sha, workspace: action.repository.workspace, after: killed }),
    );

    expect(after.status).toBe(0);
    expect(action.lastCheck()).toMatchObject({ status: 'completed', conclusion: 'cancelled' });
    await action.expectCancelled(killed.state.job!);
  },
  BUILD_LIMIT_MS,
);

test(
  'a service that does not answer fails the step, or warns if configured so; the report says ' +
    'that the code was not judged',
  async () => {
    const inputs = { 'server-url': 'http://127.0.0.1:9', check: 'false' };
    const [fails, warns] = await Promise.all([
      runAction(action.step(7, { inputs })),
      runAction(action.step(8, { inputs: { ...inputs, 'on-service-error': 'warn' } })),
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
      action.step(11, { sha, event, workspace: qemu.workspace, inputs: { repository: 'qemu' } }),
    );

    expect(ended).toMatchObject({ status: 1, outputs: { status: 'failed', 'baseline-sha': base } });
    expect((await action.jobOf(ended)).error).toMatchObject({ code: 'PATCH_FAILED' });
    expect(action.lastCheck()).toMatchObject({ output: { title: 'the patches do not apply' } });
    expect(action.commentsOn(11)[0]!.body).toContain(
      'set the version that is nearest to the branch',
    );
    qemu.remove();
  },
  BUILD_LIMIT_MS,
);
