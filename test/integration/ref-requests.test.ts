// SPDX-License-Identifier: GPL-2.0-or-later
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { bearer, startClosedApi, type ClosedApi } from '#support/closed-api.js';

const repositories = createServer();
let api: ClosedApi;
afterAll(async () => {
  await api.stop();
  repositories.close();
});

test('a project has few processes of git at a time, whatever it asks', async () => {
  let [open, most, all] = [0, 0, 0];
  repositories.on('connection', (connection) => {
    all += 1;
    most = Math.max(most, (open += 1));
    setTimeout(() => {
      open -= 1;
      connection.destroy();
    }, 300);
  });
  repositories.listen(0, '127.0.0.1');
  await once(repositories, 'listening');
  const origin = `git://127.0.0.1:${(repositories.address() as AddressInfo).port}`;
  api = await startClosedApi({ QIBENCH_SOURCE_HOSTS: origin });
  const { secret } = await api.token({ project: 'asking' });
  const job = {
    name: 'asking',
    project: 'asking',
    qemu: {
      version: '10.0',
      target: 'x86_64-linux-user',
      source: { git: `${origin}/qemu.git`, ref: 'master' },
    },
    variants: ['none'],
    workloads: [{ name: 'matmult' }],
    baseline: 'same',
  };

  const answers = await Promise.all(
    Array.from({ length: 8 }, () => api.ask('POST', '/v1/jobs/plan', bearer(secret), job)),
  );

  expect(new Set(answers.map(({ code }) => code))).toEqual(new Set(['SOURCE_UNAVAILABLE']));
  expect([all, most]).toEqual([8, 2]);
}, 120_000);
