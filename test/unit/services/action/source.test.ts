import { mkdtempSync, symlinkSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { Git } from '#action/git.js';
import { packedTar, readPack, writePack } from '#action/pack.js';
import { prepareCommit } from '#action/request.js';
import { sourceAt, SERIES } from '#action/source.js';
import { isUnchanged, sidesOf } from '#action/sides.js';
import type { Settings } from '#action/settings.js';
import type { Service } from '#action/service.js';
import { TestRepository } from '#support/action/repository.js';

const JOB =
  'name: j\nqemu: { version: "7.2", target: x86_64-softmmu }\nevents: [e]\ninstrumentation: ' +
  'code\nvariants: [none, dynamic]\nworkloads: [{ name: port-io }]\n';
const QEMU = JOB.replace('events: [e]\ninstrumentation: code\n', '').replace(', dynamic', '');
const settings = (given: Partial<Settings> = {}) =>
  ({
    jobFile: '.qibench.yaml',
    instrumentation: null,
    repository: 'instrumentation',
    base: 'merge-base',
    project: null,
    packFolder: '',
    ...given,
  }) as Settings;

let repository: TestRepository;
let base: string;
let head: string;
beforeAll(() => {
  repository = new TestRepository();
  repository
    .write('.qibench.yaml', JOB)
    .write('code/instrument.c', 'int a;\n')
    .write('qemu.yaml', QEMU)
    .commit('first');
  for (let index = 0; index < 60; index++)
    repository.git('commit', '-q', '--allow-empty', '-m', `empty ${index}`);
  base = repository.commitEmpty('fork point');
  repository.git('switch', '-q', '-c', 'topic');
  repository
    .write('code/instrument.c', 'int b;\n')
    .write('code/.hidden', 'x')
    .write('code/sub/a.h', 'y')
    .commit('one: [PATCH] äöü / ../..');
  head = repository.write('README', 'z').commit('two');
  repository.git('switch', '-q', 'main');
  repository.write('other', 'newer').commit('main goes on');
});
afterAll(() => repository.remove());

const pull = () => ({
  number: 1,
  headSha: head,
  baseSha: repository.git('rev-parse', 'main'),
  fork: false,
  pushedAt: null,
});

test('the merge base of a shallow checkout is found with the fewest fetches', async () => {
  const folder = repository.shallow(head);
  const git = new Git(folder);

  expect(await git.mergeBase(pull().baseSha, head)).toBe(base);
  expect(
    execFileSync('git', ['-C', folder, 'rev-parse', '--is-shallow-repository'], {
      encoding: 'utf8',
    }).trim(),
  ).toBe('true');
});

test('commits without common history have no merge base, and the error says how to continue', async () => {
  repository.git('switch', '-q', '--orphan', 'alone');
  const alone = repository.write('x', 'y').commit('alone');

  await expect(new Git(repository.workspace).mergeBase(alone, head)).rejects.toThrow(
    /the merge base of .* no common history; let actions\/checkout fetch the history \(fetch-depth: 0\)/,
  );
  await expect(new Git(repository.shallow(alone)).need('1'.repeat(40))).rejects.toMatchObject({
    code: 'NO_COMMIT',
  });
});

test('a folder is read from the commit, not from the workspace, and without hidden files', async () => {
  const files = await new Git(repository.workspace).folder(head, 'code', 'instrumentation');

  expect(files!.map(({ path, content }) => [path, content.toString()])).toEqual([
    ['instrument.c', 'int b;\n'],
    ['sub/a.h', 'y'],
  ]);
  expect(await new Git(repository.workspace).folder(head, 'nowhere', 'instrumentation')).toBeNull();
});

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

    const { jobFile } = await sourceAt(git, commit, settings({ jobFile: 'linked.yaml' }), null);
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

describe('the baseline of head', () => {
  const at = (commit: string, given: Partial<Settings> = {}, mergeBase: string | null = null) =>
    sourceAt(new Git(repository.workspace), commit, settings(given), mergeBase);
  const wanted = { base: 'merge-base', repository: 'instrumentation' } as const;

  test('is the folder of the merge base', async () => {
    const sides = await sidesOf((await at(head)).jobFile, await at(base), wanted);

    expect(sides).toMatchObject({
      baseSha: base,
      jobFile: { baseline: { instrumentation: 'code' } },
    });
  });

  test('is the source of QEMU without the patches, in a repository of QEMU', async () => {
    const source = await at(head, { jobFile: 'qemu.yaml', repository: 'qemu' }, base);
    const sides = await sidesOf(
      source.jobFile,
      await at(base, { jobFile: 'qemu.yaml', repository: 'qemu' }),
      { ...wanted, repository: 'qemu' },
    );

    expect(sides).toMatchObject({
      baseSha: base,
      jobFile: { qemu: { patches: SERIES }, baseline: { patches: null } },
    });
    expect(await source.folder('qemu.patches', SERIES)).toHaveLength(2);
  });

  test('is head itself in an A/A job, and absent without a pull request', async () => {
    const { jobFile } = await at(head);

    expect((await sidesOf(jobFile, null, { ...wanted, base: 'same' })).jobFile.baseline).toBe(
      'same',
    );
    expect(await sidesOf(jobFile, null, wanted)).toMatchObject({
      jobFile,
      baseSha: null,
      note: expect.stringContaining('No base'),
    });
  });

  test("is the job file's baseline, if the file names one", async () => {
    const { jobFile } = await at(head);

    expect(
      (await sidesOf({ ...jobFile, baseline: 'same' }, await at(base), wanted)).jobFile.baseline,
    ).toBe('same');
  });

  test('a change counts only if it affects measured files', async () => {
    const onlyReadme = repository.git('rev-parse', 'topic~1');

    expect(await isUnchanged(await at(head), await at(onlyReadme))).toBe(true);
    expect(await isUnchanged(await at(head), await at(base))).toBe(false);
    expect(await isUnchanged(await at(head), null)).toBe(false);
  });
});

test('a request names head, branch and time of the commit, and uploads both sides', async () => {
  const sent: Buffer[] = [];
  const service = {
    upload: (_: string, tar: Buffer) =>
      Promise.resolve({ digest: `sha256:${String(sent.push(tar)).padStart(64, '0')}` }),
  } as unknown as Service;
  const prepared = await prepareCommit({
    git: new Git(repository.shallow(head)),
    settings: settings({ project: 'p' }),
    headSha: head,
    pull: pull(),
    branch: 'pull/1',
  });

  expect(await prepared.request(service)).toMatchObject({
    project: 'p',
    branch: 'pull/1',
    commit: head,
    instrumentation: expect.stringMatching(/^sha256:/),
    baseline: { instrumentation: expect.stringMatching(/^sha256:/) },
  });
  expect(sent).toHaveLength(2);
  expect(prepared).toMatchObject({ baseSha: base, folder: 'code', unchanged: false });
});

test("a commit of a merge queue is compared with the queue's base", async () => {
  const prepared = await prepareCommit({
    git: new Git(repository.workspace),
    settings: settings(),
    headSha: head,
    pull: null,
    queueBaseSha: base,
    branch: 'gh-readonly-queue/main/pr-1',
  });

  expect(prepared).toMatchObject({
    baseSha: base,
    unchanged: false,
    jobFile: { baseline: { instrumentation: 'code' } },
  });
});

describe('a pack', () => {
  const folder = () => join(repository.root, 'pack');
  beforeEach(
    async () =>
      void (await writePack(
        folder(),
        await sourceAt(new Git(repository.workspace), head, settings(), null),
        '.qibench.yaml',
      )),
  );
  const change = (replace: (text: string) => string) =>
    writeFileSync(
      join(folder(), 'pack.json'),
      replace(readFileSync(join(folder(), 'pack.json'), 'utf8')),
    );

  test('reads back as it was written', async () => {
    const pack = await readPack(folder(), head);

    expect(pack.jobFile.name).toBe('j');
    expect((await packedTar(folder(), pack, 'instrumentation')).length).toBeGreaterThan(0);
    await expect(packedTar(folder(), pack, 'qemu.patches')).rejects.toMatchObject({
      code: 'BAD_PACK',
    });
  });

  test.each<[string, (text: string) => string]>([
    ['of another commit', (text) => text.replace(head, base)],
    [
      'whose tar is in another folder',
      (text) => text.replace(/"[0-9a-f]{64}\.tar"/, '"../../etc/passwd"'),
    ],
    ['with an invalid job file', (text) => text.replace('"none"', '"fast"')],
    ['with unknown keys', (text) => text.replace('{', '{"pullRequest": 1,')],
    ['that is not JSON', () => 'x'],
  ])('%s is refused', async (_, replace) => {
    change(replace);

    await expect(readPack(folder(), head)).rejects.toMatchObject({ code: 'BAD_PACK' });
  });

  test('is refused if its tar is a link or differs from its name', async () => {
    const pack = await readPack(folder(), head);
    const tar = join(folder(), pack.uploads.instrumentation!);
    writeFileSync(tar, 'other');
    await expect(packedTar(folder(), pack, 'instrumentation')).rejects.toThrow(
      /its digest does not match its name/,
    );
    execFileSync('ln', ['-sf', '/etc/passwd', tar]);
    await expect(packedTar(folder(), pack, 'instrumentation')).rejects.toThrow(/no regular file/);
  });
});
