// SPDX-License-Identifier: GPL-2.0-or-later
import type { CommittedFile } from '#support/git-server.js';
import { FetchedSources, TREE } from '#support/fetched-sources.js';

const sources = new FetchedSources();
beforeAll(() => sources.start(), 1_200_000);
afterAll(() => sources.stop(), 60_000);
beforeEach(() => void (sources.logged = ''));

describe('a hostile repository', () => {
  test.each<[string, Record<string, CommittedFile>]>([
    [
      'a filter of its attributes',
      {
        '.gitattributes': '* filter=evil diff=evil merge=evil\n',
        '.gitconfig': '[filter "evil"]\n\tsmudge = touch /tmp/pwned\n',
      },
    ],
    [
      'a build script',
      { configure: { program: '#!/bin/sh\ntouch /qemu/src/pwned\n' }, 'conftest.py': 'import os' },
    ],
    ['a module of the fetcher', { 'unpack.py': 'open("/qemu/src/pwned", "w")', 'json.py': 'x' }],
  ])(
    'runs nothing by %s',
    async (_, files) => {
      const repository = sources.newRepository();

      const { tag } = await sources.fetch(
        sources.git(repository, repository.commit({ ...TREE, ...files })),
      );

      expect(await sources.inside(tag, 'ls /qemu/src /tmp')).not.toContain('pwned');
    },
    120_000,
  );

  test('has files with any names, which stay inside the tree', async () => {
    const repository = sources.newRepository();
    const names = ['-rf', ' space ', 'a\nb', 'ü€', '$(id)', '`id`', 'x'.repeat(200), 'a"b', "a'b"];
    const files = Object.fromEntries(names.map((name) => [name, 'x']));

    const { tag } = await sources.fetch(
      sources.git(repository, repository.commit({ ...TREE, ...files })),
    );

    expect(
      await sources.inside(tag, 'cd /qemu/src && find . -type f -print0 | tr -cd "\\0" | wc -c'),
    ).toBe(`${names.length + 2}\n`);
  }, 120_000);

  test.each(['.git', '.GIT', '..', 'git~1', 'a/../../b'])(
    'with an entry named %j is refused',
    async (name) => {
      const repository = sources.newRepository();
      const object = repository.git(['hash-object', '-w', '--stdin'], 'x');
      const commit = repository.commitEntries([{ mode: '100644', name, object }]);

      expect(await sources.refusal(sources.git(repository, commit))).toMatchObject({
        code: 'SOURCE_REFUSED',
        kind: 'user',
      });
    },
    120_000,
  );

  test('cannot write through a link', async () => {
    const repository = sources.newRepository();
    const object = repository.git(['hash-object', '-w', '--stdin'], 'x');
    const link = repository.git(['hash-object', '-w', '--stdin'], '/mirror');
    const folder = repository.git(['mktree'], `100644 blob ${object}\tpwned\n`);
    const commit = repository.commitEntries([
      { mode: '120000', name: 'a', object: link },
      { mode: '40000', name: 'a', object: folder },
    ]);

    expect((await sources.refusal(sources.git(repository, commit))).code).toBe('SOURCE_REFUSED');
  }, 120_000);

  test('that unpacks to more than the disk limit ends soon, as an error of its author', async () => {
    const repository = sources.newRepository();
    const zeros = { bytes: Buffer.alloc(48 * 1024 ** 2) };
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`f${index}`, zeros]));
    const commit = repository.commit({ ...TREE, ...many });

    const error = await sources.refusal(sources.git(repository, commit), sources.smallDisk);

    expect(error).toMatchObject({ code: 'OVER_LIMIT', kind: 'user' });
  }, 120_000);

  test("that lacks QEMU's configure is refused", async () => {
    const repository = sources.newRepository();

    expect(
      (await sources.refusal(sources.git(repository, repository.commit({ x: 'x' })))).message,
    ).toMatch(/no file configure/);
  }, 120_000);
});
