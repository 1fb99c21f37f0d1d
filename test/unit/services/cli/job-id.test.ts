// SPDX-License-Identifier: GPL-2.0-or-later
import type { Client } from '#cli/client.js';
import { completeJobId } from '#cli/job-id.js';

const ID = '14d0a7a8-0000-4000-8000-000000000001';
const client = (location: string | null) => {
  const requested: string[] = [];
  const redirectOf = (path: string) => (requested.push(path), Promise.resolve(location));
  return { client: { redirectOf } as unknown as Client, requested };
};

test.each(['14d0a7a8', '14D0A7A8', '14d0a7a8-0000'])(
  '%s is completed to the id',
  async (prefix) => {
    const { client: service, requested } = client(`/jobs/${ID}/compare`);

    expect(await completeJobId(service, prefix)).toBe(ID);
    expect(requested).toEqual([`/c/${prefix.toLowerCase().replaceAll('-', '')}`]);
  },
);

test.each([ID, '14d0', 'job.tar', '../../etc'])('%s stays as it is', async (text) => {
  const { client: service, requested } = client(null);

  expect(await completeJobId(service, text)).toBe(text);
  expect(requested).toEqual([]);
});
