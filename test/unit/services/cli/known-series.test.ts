// SPDX-License-Identifier: GPL-2.0-or-later
import type { Client } from '#cli/client.js';
import { checkProject, checkSeries } from '#cli/known-series.js';

const KEY = { project: 'p', branch: 'main', workload: 'boot', variant: 'none', metric: 'wallNs' };
const client = {
  get: async (path: string) =>
    path === '/v1/projects'
      ? { projects: [{ name: 'p', branches: [{ name: 'main' }, { name: 'next' }] }] }
      : { series: [KEY, { ...KEY, metric: 'userNs' }, { ...KEY, variant: 'static' }] },
} as unknown as Client;

test.each([
  [{ project: 'missing' }, 'no project "missing"; known: p'],
  [{ branch: 'other' }, 'project "p" has no branch "other"; known: main, next'],
  [{ workload: 'port-io' }, 'no series with the workload "port-io"; known: boot'],
  [{ variant: 'dynamic' }, 'no series with the variant "dynamic"; known: none, static'],
  [{ metric: 'wallTime' }, 'no series with the metric "wallTime"; known: wallNs, userNs'],
])('a history of %j is an error that lists what exists', async (change, message) => {
  await expect(checkSeries(client, { ...KEY, ...change })).rejects.toThrow(message);
});

test('a known series, and a known project without a branch, pass', async () => {
  await checkSeries(client, KEY);
  await checkProject(client, { project: 'p' });
});
