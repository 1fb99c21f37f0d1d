// SPDX-License-Identifier: GPL-2.0-or-later
import { QemuSource, pinnedSource } from '#contract/source.js';
import { allowsSource, isSourceHost } from '#contract/source-hosts.js';
import { sourceWords } from '#contract/source-words.js';

const COMMIT = 'a'.repeat(40);
const GIT = 'https://gitlab.com/qemu-project/qemu.git';

/** Returns the paths of the rules that a source breaks, with their messages. */
const broken = (source: object) =>
  QemuSource.safeParse(source).error?.issues.map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  ) ?? [];

test.each([
  [{ debian: '1:10.0.13+ds-0+deb13u1' }, { debian: '1:10.0.13+ds-0+deb13u1' }],
  [
    { git: GIT, commit: COMMIT },
    { git: GIT, commit: COMMIT, subprojects: 'fetch' },
  ],
  [
    { git: GIT, commit: COMMIT, subprojects: 'none' },
    { git: GIT, commit: COMMIT, subprojects: 'none' },
  ],
  [
    { tarball: 'https://download.qemu.org/qemu-10.0.2.tar.xz', sha256: 'b'.repeat(64) },
    { tarball: 'https://download.qemu.org/qemu-10.0.2.tar.xz', sha256: 'b'.repeat(64) },
  ],
  [{ upload: `sha256:${'c'.repeat(64)}` }, { upload: `sha256:${'c'.repeat(64)}` }],
])('the source %j is accepted and pinned', (source, pinned) => {
  expect(pinnedSource(QemuSource.parse(source))).toEqual(pinned);
});

test('a pinned source is a source of a request, so that a bundle can name it', () => {
  const pinned = pinnedSource(QemuSource.parse({ git: GIT, tag: 'v10.0.0' }), COMMIT);

  expect(pinnedSource(QemuSource.parse(pinned))).toEqual(pinned);
});

test.each<[string, object, RegExp]>([
  ['no kind', {}, /^: has exactly one of debian, git, tarball, upload/],
  ['two kinds', { debian: '1:10.0', git: GIT, commit: COMMIT }, /exactly one of/],
  ['a repository without a revision', { git: GIT }, /^git: needs exactly one of commit, ref, tag/],
  ['two revisions', { git: GIT, commit: COMMIT, tag: 'v1' }, /^git: needs exactly one/],
  ['a short commit', { git: GIT, commit: 'abc' }, /^commit: .*full commit id/],
  ['a tarball without a digest', { tarball: 'https://a/b.tar' }, /^sha256: is required/],
  [
    'a commit of a tarball',
    { tarball: 'https://a/b', sha256: 'b'.repeat(64), commit: COMMIT },
    /^commit: is only allowed with "git"/,
  ],
  ['an unknown field', { git: GIT, commit: COMMIT, depth: 1 }, /depth/],
  ['a version that is an option', { debian: '-oDir::Etc=x' }, /^debian: /],
  ['a version with a command', { debian: '1:1;id' }, /^debian: /],
])('%s is refused by field and rule', (_, source, message) => {
  expect(broken(source).join('\n')).toMatch(message);
});

test.each([
  'file:///etc/passwd',
  'ssh://git@host/x',
  'ext::sh -c id',
  '--upload-pack=id',
  '/srv/qemu.git',
  'host:qemu.git',
  'https://user@host/x',
  'https://user:password@host/x',
  'https://host/x?y',
  'https://host/x#y',
  'https://host/../x',
  'https://host/a/./x',
  'https://host/a b',
  'https://host/$(id)',
  'https://host/a\nb',
  'https://host',
  'ftp://host/x',
  `https://host/${'x'.repeat(500)}`,
])('the repository %j is refused', (git) => {
  expect(broken({ git, commit: COMMIT })).toEqual([expect.stringMatching(/^git: /)]);
});

test.each(['--exec=id', '-x', 'a..b', 'a b', 'x.lock', 'a\nb', '*', 'a^{}', 'a:b'])(
  'the ref %j is refused',
  (ref) => {
    expect(broken({ git: GIT, ref })).toEqual([expect.stringMatching(/^ref: /)]);
  },
);

test('a host of the list means https on its own port; an origin means exactly itself', () => {
  const hosts = ['gitlab.com', 'git://127.0.0.1:9418', 'http://mirror.example:8080'];
  const allowed = (address: string) => allowsSource(hosts, address);

  expect(allowed('https://gitlab.com/qemu-project/qemu.git')).toBe(true);
  expect(allowed('https://GitLab.com/qemu-project/qemu.git')).toBe(true);
  expect(allowed('git://127.0.0.1:9418/qemu')).toBe(true);
  expect(allowed('http://mirror.example:8080/qemu')).toBe(true);
  for (const other of [
    'http://gitlab.com/x',
    'https://gitlab.com:8443/x',
    'https://gitlab.com.example/x',
    'https://sub.gitlab.com/x',
    'git://127.0.0.1:9419/qemu',
    'http://mirror.example/qemu',
  ])
    expect(allowed(other)).toBe(false);
});

test.each(['gitlab.com', 'gitlab.com:8443', 'http://mirror.example:8080', 'git://10.0.0.1:9418'])(
  'the entry %j is a host or an origin',
  (entry) => expect(isSourceHost(entry)).toBe(true),
);

test.each(['*', 'https://', 'gitlab.com/qemu-project', 'user@host', 'file://', 'a b', '-x://y'])(
  'the entry %j is refused',
  (entry) => expect(isSourceHost(entry)).toBe(false),
);

test('every kind of source has short words', () => {
  expect(
    [
      { debian: '1:10.0.13' },
      { git: GIT, commit: COMMIT, subprojects: 'fetch' as const },
      { tarball: 'https://host/qemu-10.0.tar.xz', sha256: '' },
      { upload: `sha256:${'c'.repeat(64)}` },
    ].map(sourceWords),
  ).toEqual([
    'Debian 1:10.0.13',
    'gitlab.com/qemu-project/qemu@aaaaaaaaaaaa',
    'host/qemu-10.0.tar.xz',
    'upload cccccccccccc',
  ]);
});
