// SPDX-License-Identifier: GPL-2.0-or-later
import type Docker from 'dockerode';
import { quotaOn } from '#worker/engine/disk-quota.js';

const options = { Image: 'i', HostConfig: { Memory: 1 } };

/** A Docker that records its create requests; `refuses` returns the status of a refusal. */
function recording(refuses: (request: Docker.ContainerCreateOptions) => number | null) {
  const requests: Docker.ContainerCreateOptions[] = [];
  const docker = {
    async createContainer(request: Docker.ContainerCreateOptions) {
      requests.push(request);
      const statusCode = refuses(request);
      if (statusCode !== null) throw Object.assign(new Error('refused'), { statusCode });
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

test('an engine without quotas refuses one once, and is not asked again', async () => {
  const { create, requests } = recording((request) => (hasQuota(request) ? 500 : null));

  for (const _ of [1, 2, 3]) await create(options, 800);

  expect(requests.map(hasQuota)).toEqual([true, false, false, false]);
});

test('another refusal is reported, and quotas stay', async () => {
  const { create, requests } = recording(() => 404);

  for (const _ of [1, 2]) await expect(create(options, 800)).rejects.toThrow('refused');

  expect(requests.map(hasQuota)).toEqual([true, false, true, false]);
});
