// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { FetchedSources, TREE } from '#support/fetched-sources.js';
import { bridgeAddress } from '#support/git-server.js';

const sources = new FetchedSources();
beforeAll(() => sources.start(), 1_200_000);
afterAll(() => sources.stop(), 60_000);
beforeEach(() => void (sources.logged = ''));

test('a commit becomes an image with its files, links and executable bits', async () => {
  const repository = sources.newRepository();
  const commit = repository.commit({ ...TREE, 'hw/x.c': 'int x;\n', link: { link: 'hw/x.c' } });

  const source = await sources.fetch(sources.git(repository, commit));

  expect(source.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(source.uploaded).toContain(commit.slice(0, 12));
  expect(
    await sources.inside(
      source.tag,
      'cd /qemu/src && find . | sort && cat link && test -x configure && ! test -x VERSION && stat -c %u .',
    ),
  ).toBe('.\n./VERSION\n./configure\n./hw\n./hw/x.c\n./link\nint x;\n1000\n');
}, 600_000);

test('the same files have the same digest, from any repository', async () => {
  const [one, other] = [sources.newRepository(), sources.newRepository()];
  other.commit({ before: '' });

  const first = await sources.fetch(sources.git(one, one.commit(TREE)));
  const second = await sources.fetch(sources.git(other, other.commit(TREE)));

  expect(second.tag).not.toBe(first.tag);
  expect(second.digest).toBe(first.digest);
}, 120_000);

test('a second commit transfers what differs, and a known one needs no server', async () => {
  const repository = sources.newRepository();
  const large = randomBytes(8 * 1024 ** 2); // does not shrink when it is packed
  const files = { ...TREE, large: { bytes: large } };
  const first = await sources.fetch(sources.git(repository, repository.commit(files)));
  const next = repository.commit({ ...files, small: 'x' });
  const second = await sources.fetch(sources.git(repository, next));

  const address = sources.addressOf(repository);
  const mirror = createHash('sha256').update(address).digest('hex').slice(0, 32);
  const kib = await sources.inside(first.tag, `du -sk /mirror/${mirror} | cut -f1`, true);
  expect(Number(kib)).toBeGreaterThan(8 * 1024);
  expect(Number(kib)).toBeLessThan(9 * 1024);
  await sources.base.backend.evict(second.tag, 'image');
  await sources.server.stop();
  const again = await sources
    .fetch(sources.git(repository, next))
    .finally(() => sources.server.start());
  expect(again.digest).toBe(second.digest);
  expect(sources.logged).toContain('in the mirror');
}, 180_000);

test('a server that keeps a fetch waiting keeps no other repository waiting', async () => {
  const silent = createServer().listen(0);
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const origin = `git://${bridgeAddress()}:${port}`;
  const slow = { git: `${origin}/x`, commit: 'e'.repeat(40), subprojects: 'none' as const };
  const asked = once(silent, 'connection') as Promise<[Socket]>;
  const waiting = sources.refusal(slow, sources.context.limits, [origin]);
  const [connection] = await asked;
  const repository = sources.newRepository();

  await sources.fetch(sources.git(repository, repository.commit(TREE)));

  connection.destroy();
  silent.close();
  expect((await waiting).code).toBe('SOURCE_UNAVAILABLE');
}, 120_000);

test('a commit that the repository lacks is an error of the user', async () => {
  const repository = sources.newRepository();
  repository.commit(TREE);

  expect(await sources.refusal(sources.git(repository, 'd'.repeat(40)))).toMatchObject({
    code: 'SOURCE_REFUSED',
    kind: 'user',
  });
}, 120_000);

test('a server that does not answer is an error that is retried', async () => {
  const repository = sources.newRepository();
  const commit = repository.commit(TREE);
  await sources.server.stop();

  const error = await sources
    .refusal(sources.git(repository, commit))
    .finally(() => sources.server.start());

  expect(error).toMatchObject({ code: 'SOURCE_UNAVAILABLE', retry: true });
}, 120_000);
