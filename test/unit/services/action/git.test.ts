// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdtempSync, symlinkSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { Git } from '#action/git.js';
import { sourceAt } from '#action/source.js';
import { actionSettings, forkedRepository, JOB } from '#support/action/forked-repository.js';
import type { TestRepository } from '#support/action/repository.js';

let repository: TestRepository;
let base: string;
let head: string;
beforeAll(() => void ({ repository, base, head } = forkedRepository()));
afterAll(() => repository.remove());

describe('links', () => {
  const link = (path: string, target: string) =>
    symlinkSync(target, join(repository.workspace, path));
  const folder = (commit: string, name = 'code') =>
    new Git(repository.workspace).folder(commit, name, 'instrumentation');
  beforeEach(() => void repository.git('switch', '-q', '-C', 'links', base));

  test('within a folder are followed, and so is a folder that is a link', async () => {
    repository.write('code/real/a.h', 'a');
    link('code/a.h', 'real/a.h');
    link('code/inc', 'real');
    link('other-name', 'code');
    link('nested', 'other-name/real');
    const commit = repository.commit('links');

    const files = [
      ['a.h', 'a'],
      ['inc/a.h', 'a'],
      ['instrument.c', 'int a;\n'],
      ['real/a.h', 'a'],
    ];
    for (const name of ['code', 'other-name'])
      expect(
        (await folder(commit, name))!.map(({ path, content }) => [path, content.toString()]),
      ).toEqual(files);
    expect((await folder(commit, 'nested'))!.map(({ path }) => path)).toEqual(['a.h']);
  });

  test('out of a folder or the repository are refused by name', async () => {
    link('code/passwd', '/etc/passwd');
    link('away', '../away');
    const commit = repository.commit('links');

    await expect(folder(commit)).rejects.toThrow(/code: passwd is a link that leaves the folder/);
    await expect(folder(commit, 'away')).rejects.toThrow(/away is a link that leaves/);
  });

  test('lead to the job file', async () => {
    repository.write('ci/job.yaml', JOB);
    link('linked.yaml', 'ci/job.yaml');
    const commit = repository.commit('link');
    const git = new Git(repository.workspace);

    const { jobFile } = await sourceAt(
      git,
      commit,
      actionSettings({ jobFile: 'linked.yaml' }),
      null,
    );
    expect(jobFile.name).toBe('j');
  });

  test('lead to the workspace', async () => {
    const workspace = join(repository.root, 'workspace-link');
    execFileSync('ln', ['-sfn', repository.workspace, workspace]);
    execFileSync('chown', ['-R', '12345', join(repository.workspace, '.git')]);
    execFileSync('chown', ['12345', repository.workspace]);
    try {
      expect(await new Git(workspace).commit('main~0')).toMatch(/^[0-9a-f]{40}$/);
    } finally {
      execFileSync('chown', ['-R', String(process.getuid!()), repository.workspace]);
    }
  });
});

test("the message for a missing commit has git's own reason", async () => {
  await expect(new Git('/nowhere').commit('HEAD')).rejects.toThrow(
    /HEAD is not in this checkout: .*\/nowhere/,
  );
});

test(
  'the commits of a pull request become patches that patch(1) applies, under file names that ' +
    'the service accepts',
  async () => {
    const files = await new Git(repository.workspace).series(base, head);
    expect(files.map(({ path }) => path)).toEqual([
      expect.stringMatching(/^0001-one-PATCH[A-Za-z0-9._-]*\.patch$/),
      '0002-two.patch',
    ]);

    const tree = join(repository.root, 'tree');
    execFileSync('git', [
      '-C',
      repository.workspace,
      'worktree',
      'add',
      '-q',
      '--detach',
      tree,
      base,
    ]);
    for (const { content } of files) execFileSync('patch', ['-p1', '-d', tree], { input: content });
    expect(readFileSync(join(tree, 'code/instrument.c'), 'utf8')).toBe('int b;\n');
  },
);

test("a series does not depend on git's configuration, attributes and variables", async () => {
  repository.git('switch', '-q', '-C', 'configured', base);
  const plain = (await new Git(repository.workspace).series(base, head)).map(({ content }) =>
    content.toString(),
  );
  const configuration = {
    'format.useAutoBase': 'true',
    'format.signOff': 'true',
    'format.coverLetter': 'true',
    'format.attach': 'x',
    'diff.noprefix': 'true',
    'diff.context': '0',
    'diff.mnemonicPrefix': 'true',
    'diff.algorithm': 'patience',
    'diff.orderFile': '/missing',
    'diff.suppressBlankEmpty': 'true',
    'log.showSignature': 'true',
  };
  for (const [name, value] of Object.entries(configuration)) repository.git('config', name, value);
  const attributes = join(repository.workspace, '.git/info/attributes');
  writeFileSync(attributes, '*.c binary\n');
  process.env.GIT_DIFF_OPTS = '--unified=0';
  try {
    const files = await new Git(repository.workspace).series(base, head);

    expect(files.map(({ content }) => content.toString())).toEqual(plain);
    expect(files[0]!.content.toString()).toContain('+int b;');
  } finally {
    delete process.env.GIT_DIFF_OPTS;
    writeFileSync(attributes, '');
    for (const name of Object.keys(configuration)) repository.git('config', '--unset', name);
  }
});

test('a series with a binary file applies, and an empty commit is left out', async () => {
  repository.git('switch', '-q', '-C', 'blobs', base);
  const blob = Buffer.from([0, 1, 10, 255, 0, 13, 10, 7]);
  writeFileSync(join(repository.workspace, 'blob.bin'), blob);
  repository.commit('blob');
  repository.commitEmpty('nothing');
  writeFileSync(join(repository.workspace, 'blob.bin'), Buffer.concat([blob, blob]));
  const files = await new Git(repository.workspace).series(base, repository.commit('more'));

  expect(files.map(({ path }) => path)).toEqual(['0001-blob.patch', '0003-more.patch']);
  const tree = mkdtempSync(join(repository.root, 'blobs-'));
  for (const { content } of files)
    execFileSync('patch', ['-p1', '-u', '-f', '-d', tree], { input: content });
  expect(readFileSync(join(tree, 'blob.bin'))).toEqual(Buffer.concat([blob, blob]));
});

test('commits with merges become one patch', async () => {
  repository.git('switch', '-q', '-C', 'merging', head);
  repository.git('merge', '-q', '--no-edit', 'main');
  const files = await new Git(repository.workspace).series(base, repository.commitEmpty('after'));

  expect(files.map(({ path }) => path)).toEqual(['0001-pull-request.diff']);
});
