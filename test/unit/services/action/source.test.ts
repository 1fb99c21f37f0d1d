// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { Git } from '#action/git.js';
import { packedTar, readPack, writePack } from '#action/pack.js';
import { prepareCommit } from '#action/request.js';
import { sourceAt, SERIES } from '#action/source.js';
import { isUnchanged, sidesOf } from '#action/sides.js';
import type { Settings } from '#action/settings.js';
import type { Service } from '#action/service.js';
import { actionSettings, forkedRepository } from '#support/action/forked-repository.js';
import type { TestRepository } from '#support/action/repository.js';

let repository: TestRepository;
let base: string;
let head: string;
beforeAll(() => void ({ repository, base, head } = forkedRepository()));
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

describe('the baseline of head', () => {
  const at = (commit: string, details: Partial<Settings> = {}, mergeBase: string | null = null) =>
    sourceAt(new Git(repository.workspace), commit, actionSettings(details), mergeBase);
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

  test('is absent at the push that creates a branch, whose commit before is zeros', async () => {
    const prepared = await prepareCommit({
      git: new Git(repository.workspace),
      settings: actionSettings({ base: '0'.repeat(40) }),
      headSha: head,
      pull: null,
      branch: 'new',
    });

    expect(prepared).toMatchObject({
      baseSha: null,
      notes: ['No base, so nothing is compared: the push created its branch.'],
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
    settings: actionSettings({ project: 'p' }),
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
    settings: actionSettings(),
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
        await sourceAt(new Git(repository.workspace), head, actionSettings(), null),
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

    expect(Object.keys(pack.uploads)).toEqual(['instrumentation']);
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
    ['with a job file of its own', (text) => text.replace('{', '{"jobFile": {},')],
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
