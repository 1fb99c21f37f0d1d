// SPDX-License-Identifier: GPL-2.0-or-later
import type { CommittedFile, TestRepository } from '#support/git-server.js';
import { FetchedSources, TREE } from '#support/fetched-sources.js';

const sources = new FetchedSources();
beforeAll(() => sources.start(), 1_200_000);
afterAll(() => sources.stop(), 60_000);
beforeEach(() => void (sources.logged = ''));

const wrapFile = (repository: TestRepository, revision: string, more = '') =>
  `[wrap-git]\nurl = ${sources.addressOf(repository)}\nrevision = ${revision}\n${more}\n`;

describe('subprojects', () => {
  const withModule = (url: string, path = 'ui/keycodemapdb', commit = 'b'.repeat(40)) => ({
    ...TREE,
    '.gitmodules': `[submodule "x"]\n\tpath = ${path}\n\turl = ${url}\n`,
    [path]: { submodule: commit },
  });

  test('come at the commits that the tree names: submodules and wraps with their patches', async () => {
    const [module, wrapped, repository] = [
      sources.newRepository(),
      sources.newRepository(),
      sources.newRepository(),
    ];
    const moduleCommit = module.commit({ 'map.csv': 'map\n' });
    module.commit({ 'map.csv': 'newer\n' });
    const wrapCommit = wrapped.commit({ 'fdt.c': 'fdt\n' });
    const commit = repository.commit({
      ...withModule(sources.addressOf(module), 'ui/keycodemapdb', moduleCommit),
      'roms/seabios': { submodule: 'c'.repeat(40) }, // no build needs it
      'subprojects/dtc.wrap': wrapFile(wrapped, wrapCommit, 'patch_directory = dtc'),
      'subprojects/moving.wrap': wrapFile(wrapped, 'master'),
      'subprojects/file.wrap': '[wrap-file]\nsource_url = https://example.org/x\n',
      'subprojects/packagefiles/dtc/meson.build': 'project\n',
    });

    const { tag } = await sources.fetch(sources.git(repository, commit));

    expect(
      await sources.inside(
        tag,
        'cd /qemu/src && cat ui/keycodemapdb/map.csv && cd subprojects && cat dtc/fdt.c dtc/meson.build && ls',
      ),
    ).toBe('map\nfdt\nproject\ndtc\ndtc.wrap\nfile.wrap\nmoving.wrap\npackagefiles\n');
  }, 120_000);

  test('are left out when the source says so, whatever their addresses', async () => {
    const repository = sources.newRepository();
    const commit = repository.commit(withModule('file:///etc'));

    const { tag } = await sources.fetch(sources.git(repository, commit, 'none'));

    expect(await sources.inside(tag, 'ls /qemu/src')).not.toContain('keycodemapdb/');
  }, 120_000);

  test.each([
    'file:///etc',
    'ext::sh -c touch% /tmp/pwned',
    '--upload-pack=touch /tmp/pwned',
    '../other.git',
    '/mirror',
    'git://example.org/x.git',
    'https://example.org/x.git',
    'http://169.254.169.254/latest',
    'ssh://git@example.org/x.git',
    'git://user@example.org/x.git',
  ])(
    'at %j are refused before any connection',
    async (url) => {
      const repository = sources.newRepository();

      const error = await sources.refusal(
        sources.git(repository, repository.commit(withModule(url))),
      );

      expect(error).toMatchObject({ code: 'SOURCE_REFUSED', kind: 'user' });
      expect(error.message).toMatch(/subproject ui\/keycodemapdb|git refuses/);
    },
    120_000,
  );

  test.each<[string, string, Record<string, CommittedFile>]>([
    ['into', 'dtc', { 'subprojects/packagefiles/dtc/to/planted': 'x' }],
    ['from', 'mirror', { 'subprojects/packagefiles': { link: '/' } }],
  ])(
    'whose patches lead %s the mirrors of others by a link are refused',
    async (_, folder, files) => {
      const [module, repository] = [sources.newRepository(), sources.newRepository()];
      const wrapped = module.commit({ 'fdt.c': 'fdt\n', to: { link: '/mirror' } });
      const commit = repository.commit({
        ...TREE,
        ...files,
        'subprojects/dtc.wrap': wrapFile(module, wrapped, `patch_directory = ${folder}`),
      });

      const error = await sources.refusal(sources.git(repository, commit));

      expect(error).toMatchObject({ code: 'SOURCE_REFUSED', kind: 'user' });
      expect(error.message).toMatch(/behind a link/);
    },
    120_000,
  );

  test('that a file or a folder of the tree is in the way of are refused', async () => {
    const [module, repository] = [sources.newRepository(), sources.newRepository()];
    const commit = module.commit({ 'fdt.c': 'fdt\n' });
    const wrap = wrapFile(module, commit, 'patch_directory = dtc');
    const file = repository.commit({
      ...TREE,
      'subprojects/dtc.wrap': wrap,
      'subprojects/dtc': '',
    });
    const folder = repository.commit({
      ...TREE,
      'subprojects/dtc.wrap': wrap,
      'subprojects/packagefiles/dtc/fdt.c/x': '',
    });

    for (const hostile of [file, folder])
      expect(await sources.refusal(sources.git(repository, hostile))).toMatchObject({
        code: 'SOURCE_REFUSED',
        kind: 'user',
      });
  }, 120_000);

  test('behind a link are refused', async () => {
    const [module, repository] = [sources.newRepository(), sources.newRepository()];
    const commit = module.commit({ x: 'x' });
    const hostile = repository.commit({
      ...TREE,
      subprojects: { link: '/usr' },
      'real/dtc.wrap': '',
    });
    const wrap = repository.commit({
      ...TREE,
      'subprojects/up.wrap': wrapFile(module, commit, 'directory = ../../../mirror/x'),
    });
    const linked = repository.commit({
      ...TREE,
      'subprojects/x': { link: '/mirror' },
      'subprojects/x.wrap': wrapFile(module, commit),
    });

    await sources.fetch(sources.git(repository, hostile)); // has no wrap there
    expect((await sources.refusal(sources.git(repository, wrap))).message).toMatch(
      /not a plain name/,
    );
    expect((await sources.refusal(sources.git(repository, linked))).message).toMatch(
      /behind a link/,
    );
  }, 120_000);
});
