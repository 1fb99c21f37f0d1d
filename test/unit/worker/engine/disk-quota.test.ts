// SPDX-License-Identifier: GPL-2.0-or-later
import type Docker from 'dockerode';
import { quotaOn } from '#worker/engine/disk-quota.js';

const options = { Image: 'i', HostConfig: { Memory: 1 } };

/** A Docker that records its create requests; `refuses` returns the status of a refusal. */
function recording(
  refuses: (request: Docker.ContainerCreateOptions) => number | null,
  message = 'refused',
) {
  const requests: Docker.ContainerCreateOptions[] = [];
  const docker = {
    async createContainer(request: Docker.ContainerCreateOptions) {
      requests.push(request);
      const statusCode = refuses(request);
      if (statusCode !== null) throw Object.assign(new Error(message), { statusCode });
      return { id: String(requests.length) };
    },
  } as unknown as Docker;
  return { create: quotaOn(docker), requests };
}
const hasQuota = ({ HostConfig }: Docker.ContainerCreateOptions) =>
  HostConfig?.StorageOpt !== undefined;

test('a container with a limit gets a quota above it, where the engine has quotas', async () => {
  const { create, requests } = recording(() => null);

  await create(options, 800);
  await create(options);

  expect(requests).toEqual([
    { Image: 'i', HostConfig: { Memory: 1, StorageOpt: { size: '900' } } },
    options,
  ]);
});

test.each([
  "--storage-opt is supported only for overlay over xfs with 'pquota' mount option",
  '--storage-opt is not supported for vfs on read-only layers',
  'Filesystem does not support, or has not enabled quotas',
])('an engine without quotas refuses one once, and is not asked again: %s', async (message) => {
  const { create, requests } = recording((request) => (hasQuota(request) ? 500 : null), message);

  for (const _ of [1, 2, 3]) await create(options, 800);

  expect(requests.map(hasQuota)).toEqual([true, false, false, false]);
});

test('a refusal that may pass costs one container its quota, and the next has one', async () => {
  let refusals = 1;
  const { create, requests } = recording(
    (request) => (hasQuota(request) && refusals-- > 0 ? 500 : null),
    'All project IDs have been exhausted',
  );

  for (const _ of [1, 2]) await create(options, 800);

  expect(requests.map(hasQuota)).toEqual([true, false, true]);
});

test('another refusal is reported, and quotas stay', async () => {
  const { create, requests } = recording(() => 404);

  for (const _ of [1, 2]) await expect(create(options, 800)).rejects.toThrow('refused');

  expect(requests.map(hasQuota)).toEqual([true, false, true, false]);
});
