// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import type { HostFingerprint, HostList } from '#contract/host.js';
import type { Job } from '#contract/job.js';
import { recordHost } from '#store/builds.js';
import { recordSameComparisons } from '#store/hosts.js';
import { claimJob } from '#store/jobs.js';
import { bearer, startClosedApi, type ClosedApi } from '#support/closed-api.js';

const request = {
  name: 'evidence',
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  variants: ['none'],
  workloads: [{ name: 'port-io' }],
  blocks: 6,
  baseline: 'same',
};

let api: ClosedApi;
beforeAll(async () => {
  api = await startClosedApi();
}, 60_000);
afterAll(() => api.stop());

test(
  'A/A jobs count for their host only if an administrator submitted them, and an administrator ' +
    'removes the evidence',
  async () => {
    const admin = await api.token({ scopes: ['admin'] });
    const submitters = [
      await api.token({ project: 'p' }),
      await api.token({ scopes: ['jobs:read', 'jobs:write'] }),
      admin,
    ];
    const digest = `sha256:${randomUUID()}`;
    await recordHost(api.store, { digest } as HostFingerprint);
    const counted = async () => {
      const { hosts } = await admin.client.get<HostList>('/v1/hosts');
      return hosts.find((host) => host.digest === digest)!;
    };

    const comparisons: number[] = [];
    for (const { client } of submitters) {
      const { id } = await client.post<Job>('/v1/jobs', request);
      const { epoch } = (await claimJob(api.store, id, 'w'))!;
      await recordSameComparisons(
        api.store,
        id,
        epoch,
        ['a', 'b', 'c'].map((workload) => ({
          workload,
          variant: 'none',
          hostFingerprint: digest,
          alarm: true,
        })),
      );
      comparisons.push((await counted()).comparisons);
    }
    expect(comparisons).toEqual([0, 0, 3]);
    expect(await counted()).toMatchObject({ alarms: 3, advisory: true });

    const path = `/v1/hosts/${digest}/evidence`;
    expect((await api.ask('DELETE', path, bearer(submitters[1]!.secret))).code).toBe(
      'SCOPE_MISSING',
    );
    expect(await admin.client.delete(path)).toEqual({ comparisons: 3 });
    expect(await counted()).toMatchObject({ comparisons: 0, alarms: 0, advisory: false });
    expect(
      (await api.ask('DELETE', '/v1/hosts/sha256:none/evidence', bearer(admin.secret))).code,
    ).toBe('NOT_FOUND');
  },
);
