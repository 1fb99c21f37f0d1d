// SPDX-License-Identifier: GPL-2.0-or-later
import type { QibenchError } from '#contract/error.js';
import type { JobRequest } from '#contract/job.js';
import { pinSources } from '#api/pin-sources.js';
import { planRequest } from '#support/plan-request.js';
import { GitServer, type TestRepository } from '#support/git-server.js';

const server = new GitServer();
let repository: TestRepository;
let first: string;
let second: string;

beforeAll(async () => {
  repository = server.repository('qemu.git');
  first = repository.commit({ VERSION: '1' });
  repository.git(['tag', 'v1.0', first]);
  repository.git([
    '-c',
    'user.name=a',
    '-c',
    'user.email=a@b',
    'tag',
    '-a',
    '-m',
    'x',
    'v1.1',
    first,
  ]);
  second = repository.commit({ VERSION: '2' });
  // A ref whose name ends like the asked one, which ls-remote lists too.
  repository.git(['update-ref', 'refs/heads/z/refs/heads/master', first]);
  await server.start();
});
afterAll(() => server.remove());

const request = (source: object, baseline?: object): JobRequest =>
  planRequest({
    qemu: {
      version: '7.2',
      target: 'x86_64-softmmu',
      source: { git: `${server.loopback}/qemu.git`, ...source },
    },
    ...(baseline === undefined ? {} : { baseline }),
  });
const pinned = (source: object, baseline?: object) =>
  pinSources(request(source, baseline), [server.loopback]);
const refusal = async (work: Promise<unknown>): Promise<QibenchError> => {
  try {
    await work;
  } catch (error) {
    return error as QibenchError;
  }
  throw new Error('it was accepted');
};

test.each<[string, object, () => string]>([
  ['a branch', { ref: 'master' }, () => second],
  ['a full ref', { ref: 'refs/heads/master' }, () => second],
  ['a tag', { tag: 'v1.0' }, () => first],
  ['an annotated tag', { tag: 'v1.1' }, () => first],
  ['a commit', { commit: 'a'.repeat(40) }, () => 'a'.repeat(40)],
])('%s becomes a commit', async (_, source, commit) => {
  const { qemu } = await pinned(source);

  expect(qemu.source).toEqual({ git: `${server.loopback}/qemu.git`, commit: commit() });
});

test('the base side is pinned too', async () => {
  const { baseline } = await pinned(
    { ref: 'master' },
    { source: { git: `${server.loopback}/qemu.git`, tag: 'v1.0' } },
  );

  expect(baseline).toMatchObject({ source: { commit: first } });
});

test('a ref that the repository lacks is refused by field and name', async () => {
  const error = await refusal(pinned({ ref: 'main' }));

  expect(error).toMatchObject({ code: 'UNKNOWN_REVISION', kind: 'user' });
  expect(error.message).toContain('refs/heads/main');
  expect(error.details[0]!.path).toBe('qemu.source');
});

test('a host that the operator does not allow is not asked', async () => {
  const error = await refusal(pinSources(request({ ref: 'master' }), ['gitlab.com']));

  expect(error).toMatchObject({ code: 'SOURCE_HOST_REFUSED', kind: 'user' });
  expect(error.message).toContain(server.loopback);
});

test('a repository that does not answer is an error that is retried', async () => {
  const gone = 'git://127.0.0.1:9';
  const error = await refusal(
    pinSources(request({ git: `${gone}/qemu.git`, ref: 'master' }), [gone]),
  );

  expect(error).toMatchObject({ code: 'SOURCE_UNAVAILABLE', retry: true });
});
