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

test('a service below a path of its host completes an id, too', async () => {
  const { client: service } = client(`/qibench/jobs/${ID}/compare`);
  expect(await completeJobId(service, '14d0a7a8')).toBe(ID);
});

test('a whole id stays as it is', async () => {
  const { client: service, requested } = client(null);

  expect(await completeJobId(service, ID)).toBe(ID);
  expect(requested).toEqual([]);
});

test.each(['14d0', '14d0a7a', 'job.tar', '../../etc', `${ID}0`])(
  '%s is refused with the number of digits that an id needs',
  async (text) => {
    const { client: service, requested } = client(null);

    await expect(completeJobId(service, text)).rejects.toMatchObject({
      code: 'BAD_USAGE',
      message: `"${text}" is not a job's id, nor at least its first eight digits`,
    });
    expect(requested).toEqual([]);
  },
);
