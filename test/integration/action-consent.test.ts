// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '#contract/job.js';
import { pullRequestStep } from '#support/action/pull-request.js';
import { TestRepository } from '#support/action/repository.js';
import { runAction, type Ended } from '#support/action/workflow.js';
import { startApi } from '#support/api-process.js';
import { FakeGitHub } from '#support/github/fake-github.js';

const JOB =
  'name: consent\nqemu: { version: "7.2", target: x86_64-softmmu }\nevents: ' +
  '[memory_region_ops_write]\ninstrumentation: code\nvariants: [none, dynamic]\nworkloads: ' +
  '[{ name: port-io }]\nblocks: 6\n';
/** A job file that a fork would prefer. */
const EASY = JOB.replace('consent', 'easy').replace('blocks: 6', 'blocks: 9');
const PUSHED = '2026-01-01T00:00:10Z';

/** Guard against hanging on a busy machine. */
const BUSY_MS = 300_000;
const github = new FakeGitHub();
const repository = new TestRepository();
let api: Awaited<ReturnType<typeof startApi>>;
let baseSha: string;
/** A commit of the repository from before it had a job file. */
let ancientSha: string;
let number = 200;
beforeAll(async () => {
  await github.start();
  api = await startApi();
  ancientSha = repository.copy('qemu/examples/count', 'code').commit('ancient');
  baseSha = repository.write('.qibench.yaml', JOB).commit('base');
}, BUSY_MS);
afterAll(async () => {
  await api.stop();
  await github.stop();
  repository.remove();
});

/** A pull request from a stranger's fork, and its jobs. */
function stranger({ from = baseSha, jobFile }: { from?: string; jobFile?: string } = {}) {
  number++;
  repository.git('switch', '-q', '-C', `topic-${number}`, from);
  if (jobFile !== undefined) repository.write('.qibench.yaml', jobFile);
  const headSha = repository
    .write(
      'code/instrument.c',
      `${readFileSync('qemu/examples/count/instrument.c', 'utf8')}/* ${number} */\n`,
    )
    .commit('head');
  const pull = {
    number,
    head: { sha: headSha, repo: { id: 2, pushed_at: PUSHED } },
    base: { sha: baseSha, repo: { id: 1 } },
  };
  github.pulls.clear();
  github.pulls.set(number, pull);
  const details = {
    server: api.client.server,
    github,
    number,
    headSha,
    baseSha,
    workspace: repository.workspace,
    runId: String(number),
    pull,
  };
  const jobs = async () =>
    (await api.client.get<{ jobs: Job[] }>('/v1/jobs?limit=100')).jobs.filter(
      ({ request }) => request.commit === headSha,
    );
  return { details, headSha, jobs };
}
const inRepository = { GITHUB_SHA: 'd'.repeat(40), GITHUB_REF: 'refs/heads/main' };

async function byComment(
  comment: { author: string; at: string; body?: string; by?: string },
  fork?: Parameters<typeof stranger>[0],
): Promise<{ ended: Ended; jobs: Job[] }> {
  const { details: pull, jobs } = stranger(fork);
  const step = pullRequestStep({
    ...pull,
    inputs: { detach: 'true' },
    environment: { GITHUB_EVENT_NAME: 'issue_comment', ...inRepository },
  });
  const event = {
    issue: { number, pull_request: {} },
    comment: {
      body: comment.body ?? '/bench',
      author_association: comment.author,
      created_at: comment.at,
      user: { login: comment.by ?? 'maintainer' },
    },
  };
  return { ended: await runAction({ ...step, event }), jobs: await jobs() };
}

test.each<[string, Parameters<typeof byComment>[0]]>([
  ['a stranger', { author: 'NONE', at: '2026-01-02T00:00:00Z' }],
  ['a contributor', { author: 'CONTRIBUTOR', at: '2026-01-02T00:00:00Z' }],
  ['a maintainer, before the last push', { author: 'OWNER', at: '2026-01-01T00:00:09Z' }],
  ['a maintainer, within the second of the last push', { author: 'OWNER', at: PUSHED }],
  ['a member who may not write', { author: 'MEMBER', at: '2026-01-02T00:00:00Z', by: 'triager' }],
])(
  'a /bench comment of %s submits nothing, and the log says why',
  async (_, comment) => {
    const { ended, jobs } = await byComment(comment);

    expect(ended).toMatchObject({ status: 0, outputs: { status: 'skipped', 'job-id': '' } });
    expect(ended.log).toMatch(/^::warning::pull request \d+ is not measured: /m);
    expect(jobs).toEqual([]);
  },
  BUSY_MS,
);

test.each(['OWNER', 'MEMBER', 'COLLABORATOR'])(
  'a /bench comment of %s submits the commits pushed before it',
  async (author) => {
    const { ended, jobs } = await byComment({ author, at: '2026-01-01T00:00:11Z' });

    expect(ended).toMatchObject({
      status: 0,
      outputs: { status: 'submitted', 'baseline-sha': baseSha },
    });
    expect(jobs).toMatchObject([{ state: 'queued', request: { branch: `pull/${number}` } }]);
  },
  BUSY_MS,
);

/** Runs the two workflows with these label events: the first packs, the second submits. */
async function byLabel(
  events: unknown[],
  inputs: Record<string, string> = { 'label-required': 'bench' },
  between: (headSha: string) => void = () => undefined,
  fork?: Parameters<typeof stranger>[0],
): Promise<{ ended: Ended; jobs: Job[] }> {
  const { details, headSha, jobs } = stranger(fork);
  const folder = join(repository.root, `pack-${number}`);
  const packed = await runAction(
    pullRequestStep({
      ...details,
      inputs: { mode: 'pack', 'pack-folder': folder, 'server-url': '', 'github-token': '' },
    }),
  );
  expect(packed).toMatchObject({ status: 0, outputs: { status: 'packed' } });
  expect(await jobs()).toEqual([]);
  github.events.set(number, events);
  between(headSha);
  const step = pullRequestStep({
    ...details,
    inputs: { mode: 'submit-packed', 'pack-folder': folder, detach: 'true', ...inputs },
    environment: { GITHUB_EVENT_NAME: 'workflow_run', ...inRepository },
  });
  const event = {
    workflow_run: {
      event: 'pull_request',
      head_sha: headSha,
      head_branch: `topic-${number}`,
      head_repository: { owner: { login: 'stranger' } },
    },
  };
  return { ended: await runAction({ ...step, event }), jobs: await jobs() };
}
const labelled = (event: string, created_at: string, name = 'bench') => ({
  event,
  label: { name },
  created_at,
  actor: { login: 'maintainer' },
});
const AFTER = '2026-01-01T00:00:11Z';

test.each<[string, unknown[], Record<string, string>]>([
  ['without the label', [], { 'label-required': 'bench' }],
  ['with another label', [labelled('labeled', AFTER, 'bug')], { 'label-required': 'bench' }],
  [
    'whose label was removed',
    [labelled('labeled', AFTER), labelled('unlabeled', '2026-01-01T00:00:12Z')],
    { 'label-required': 'bench' },
  ],
  [
    'that was pushed to after the label',
    [labelled('labeled', '2026-01-01T00:00:09Z')],
    { 'label-required': 'bench' },
  ],
  ['without a required label in the settings', [labelled('labeled', AFTER)], {}],
])(
  'the pack of a fork %s is not submitted',
  async (_, events, inputs) => {
    const { ended, jobs } = await byLabel(events, inputs);

    expect(ended).toMatchObject({ status: 0, outputs: { status: 'skipped', 'job-id': '' } });
    expect(jobs).toEqual([]);
  },
  BUSY_MS,
);

test(
  'the pack of a fork with the label is submitted, with base and job file of the merge base',
  async () => {
    const { ended, jobs } = await byLabel([labelled('labeled', AFTER)]);

    expect(ended).toMatchObject({
      status: 0,
      outputs: { status: 'submitted', 'baseline-sha': baseSha },
    });
    expect(jobs).toHaveLength(1);
  },
  BUSY_MS,
);

const WAYS = [
  [
    'a label, by a pack',
    (fork: Parameters<typeof stranger>[0]) =>
      byLabel([labelled('labeled', AFTER)], { 'label-required': 'bench' }, undefined, fork),
  ],
  [
    'a label, by its own commits',
    async (fork: Parameters<typeof stranger>[0]) => {
      const { details, jobs } = stranger(fork);
      github.events.set(number, [labelled('labeled', AFTER)]);
      const ended = await runAction(
        pullRequestStep({
          ...details,
          inputs: { 'label-required': 'bench', detach: 'true' },
          environment: { GITHUB_EVENT_NAME: 'pull_request_target', ...inRepository },
        }),
      );
      return { ended, jobs: await jobs() };
    },
  ],
  [
    'a comment',
    (fork: Parameters<typeof stranger>[0]) => byComment({ author: 'OWNER', at: AFTER }, fork),
  ],
] as const;

test.each(WAYS)(
  'the job file of a fork that %s lets measure never counts',
  async (_, measured) => {
    const changed = await measured({ jobFile: EASY });
    expect(changed.ended).toMatchObject({ status: 0, outputs: { 'baseline-sha': baseSha } });
    expect(changed.jobs).toMatchObject([{ name: 'consent', request: { blocks: 6 } }]);
    expect(changed.ended.log).toContain("the base's job file was used");

    const older = await measured({ from: ancientSha, jobFile: EASY });
    expect(older.ended).toMatchObject({ status: 1, outputs: { 'job-id': '' } });
    expect(older.ended.log).toContain(`it is not in commit ${ancientSha}`);
    expect(older.jobs).toEqual([]);
  },
  BUSY_MS,
);

test(
  'a pack whose pull request has new commits is not submitted',
  async () => {
    const { ended, jobs } = await byLabel(
      [labelled('labeled', AFTER)],
      { 'label-required': 'bench' },
      (headSha) => {
        github.pulls.set(number, {
          number,
          head: {
            sha: headSha.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
            repo: { id: 2, pushed_at: PUSHED },
          },
          base: { sha: baseSha, repo: { id: 1 } },
        });
      },
    );

    expect(ended).toMatchObject({ status: 1, outputs: { 'job-id': '' } });
    expect(jobs).toEqual([]);
  },
  BUSY_MS,
);

test(
  'a workflow that the fork itself starts has no rights: it submits nothing, and passes',
  async () => {
    const { details, jobs } = stranger();
    const ended = await runAction(pullRequestStep(details));

    expect(ended).toMatchObject({ status: 0, outputs: { status: 'skipped', 'job-id': '' } });
    expect(ended.summary).toContain('Let one workflow pack them');
    expect(await jobs()).toEqual([]);
  },
  BUSY_MS,
);
