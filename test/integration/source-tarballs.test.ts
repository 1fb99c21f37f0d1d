// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import tar from 'tar-stream';
import type { QibenchError } from '#contract/error.js';
import type { FetchedSource } from '#worker/build/fetched.js';
import { FetchedSources, TREE } from '#support/fetched-sources.js';
import { bridgeAddress } from '#support/git-server.js';

const MIB = 1024 ** 2;
const sources = new FetchedSources();
beforeAll(() => sources.start(), 1_200_000);
afterAll(() => sources.stop(), 60_000);
beforeEach(() => void (sources.logged = ''));

/** Packs files below a folder, with the program of a name. */
async function tarball(
  entries: readonly Parameters<tar.Pack['entry']>[0][],
  packer: string[] = ['cat'],
): Promise<Buffer> {
  const pack = tar.pack();
  for (const [path, content] of Object.entries(FILES))
    pack.entry({ name: `qemu-10.0/${path}`, mode: path === 'configure' ? 0o755 : 0o644 }, content);
  for (const entry of entries)
    if (entry.type === undefined) pack.entry(entry, 'x');
    else pack.entry(entry);
  pack.finalize();
  const [program, ...words] = packer;
  return execFileSync(program!, words, { input: await buffer(pack), maxBuffer: 64 * MIB });
}
const FILES = { configure: TREE.configure.program, VERSION: TREE.VERSION };

describe('an uploaded tar', () => {
  test.each([['cat'], ['gzip'], ['xz'], ['zstd']])(
    'packed by %s has the digest of the same tree from git',
    async (program) => {
      const repository = sources.newRepository();
      const content = await tarball([], [program]);

      const source = await sources.fetch(sources.upload(content));

      expect(source.digest).toBe(
        (await sources.fetch(sources.git(repository, repository.commit(TREE)))).digest,
      );
    },
    120_000,
  );

  test.each<[string, Parameters<tar.Pack['entry']>[0][]]>([
    ['an absolute name', [{ name: '/qemu/pwned' }]],
    ['a name with ..', [{ name: 'qemu-10.0/../../pwned' }]],
    [
      'a link to write through',
      [{ name: 'qemu-10.0/a', type: 'symlink', linkname: '/qemu' }, { name: 'qemu-10.0/a/pwned' }],
    ],
    [
      'a hard link to a file of the system',
      [{ name: 'qemu-10.0/h', type: 'link', linkname: '/etc/shadow' }],
    ],
    [
      'a device and a pipe',
      [
        { name: 'qemu-10.0/d', type: 'character-device', devmajor: 1, devminor: 5 },
        { name: 'qemu-10.0/p', type: 'fifo' },
      ],
    ],
    ['a folder without rights', [{ name: 'qemu-10.0/locked', type: 'directory', mode: 0 }]],
    ['setuid', [{ name: 'qemu-10.0/suid', mode: 0o6755 }]],
  ])(
    'with %s leaves nothing outside the tree',
    async (_, entries) => {
      const content = await tarball(entries);

      const tag = await sources.fetch(sources.upload(content)).then(
        (source) => source.tag,
        (error: QibenchError) => {
          expect(error).toMatchObject({ code: 'SOURCE_REFUSED', kind: 'user' });
          return null;
        },
      );

      if (tag === null) return;
      expect(
        await sources.inside(
          tag,
          'ls /qemu; cd /qemu/src; find . -perm /6000 -o -type p -o -type c -o -name shadow; find . ! -readable',
        ),
      ).toBe('src\n');
    },
    120_000,
  );

  test('that unpacks to more than the disk limit ends soon, as an error of its author', async () => {
    const pack = tar.pack();
    for (let index = 0; index < 12; index++)
      pack.entry({ name: `zeros${index}` }, Buffer.alloc(48 * MIB));
    pack.finalize();
    const content = execFileSync('zstd', ['-1'], {
      input: await buffer(pack),
      maxBuffer: 64 * MIB,
    });

    const error = await sources.refusal(sources.upload(content), sources.smallDisk);

    expect(error).toMatchObject({ kind: 'user' });
    expect(['OVER_LIMIT', 'SOURCE_REFUSED']).toContain(error.code);
  }, 120_000);

  test.each([
    ['garbage', Buffer.from('garbage')],
    ['a damaged gzip', Buffer.from([0x1f, 0x8b, 1, 2, 3])],
    ['nothing', Buffer.alloc(0)],
  ])(
    'that is %s is refused',
    async (_, content) => {
      expect(await sources.refusal(sources.upload(content))).toMatchObject({
        code: 'SOURCE_REFUSED',
        kind: 'user',
      });
    },
    120_000,
  );
});

describe('a tarball', () => {
  let http: Server;
  let origin: string;
  let content: Buffer;
  const requested: string[] = [];
  beforeAll(async () => {
    content = await tarball([], ['xz']);
    http = createServer(({ url = '' }, response) => {
      requested.push(url);
      if (url === '/away') response.writeHead(302, { location: 'http://example.org/x' }).end();
      else if (url === '/here') response.writeHead(302, { location: '/qemu.tar.xz' }).end();
      else if (url === '/gone') response.writeHead(404).end();
      else if (url === '/broken') response.writeHead(503).end();
      else if (url === '/large') void sendZeros(response);
      else response.end(content);
    });
    await once(http.listen(0), 'listening');
    origin = `http://${bridgeAddress()}:${(http.address() as AddressInfo).port}`;
  });
  afterAll(() => void http.close());

  const sha256 = () => createHash('sha256').update(content).digest('hex');
  const from = (path: string, digest = sha256()): FetchedSource => ({
    tarball: `${origin}${path}`,
    sha256: digest,
  });
  const hosts = () => [origin];

  test('is fetched, and checked by its digest', async () => {
    const repository = sources.newRepository();

    const source = await sources.fetch(from('/qemu.tar.xz'), undefined, hosts());

    expect(source.digest).toBe(
      (await sources.fetch(sources.git(repository, repository.commit(TREE)))).digest,
    );
    expect(
      (await sources.refusal(from('/qemu.tar.xz', '0'.repeat(64)), undefined, hosts())).message,
    ).toContain(`SHA-256 ${sha256()}`);
  }, 120_000);

  test('may be behind a redirect to an allowed host', async () => {
    expect((await sources.fetch(from('/here'), undefined, hosts())).digest).toMatch(/^sha256:/);
  }, 120_000);

  test.each<[string, string, RegExp]>([
    ['/away', 'SOURCE_REFUSED', /redirects to http:\/\/example\.org/],
    ['/gone', 'SOURCE_REFUSED', /404/],
    ['/broken', 'SOURCE_UNAVAILABLE', /503/],
    ['/large', 'SOURCE_REFUSED', /more than 268435456 bytes/],
  ])(
    'at %s is an error %s',
    async (path, code, message) => {
      const error = await sources.refusal(from(path), undefined, hosts());

      expect(error.code).toBe(code);
      expect(error.message).toMatch(message);
    },
    120_000,
  );

  test('of a host that the worker does not allow is not asked', async () => {
    requested.length = 0;

    expect((await sources.refusal(from('/qemu.tar.xz'))).code).toBe('SOURCE_REFUSED');
    expect(requested).toEqual([]);
  });
});

/** Sends zeros until the receiver has enough. */
async function sendZeros(response: ServerResponse): Promise<void> {
  const zeros = Buffer.alloc(MIB);
  const closed = once(response, 'close').then(() => true);
  while (!response.destroyed)
    if (!response.write(zeros))
      if (await Promise.race([once(response, 'drain').then(() => false), closed])) return;
}
