// SPDX-License-Identifier: GPL-2.0-or-later
import { readSettings } from '#contract/settings.js';
import { roleAndLabels, WORKER_SETTINGS } from '#worker/settings.js';

const STORES = { DATABASE_URL: 'postgresql://db/qibench', REDIS_URL: 'redis://redis' };
const readPlacement = (environment: Record<string, string>) =>
  roleAndLabels(readSettings(WORKER_SETTINGS, { ...STORES, ...environment }));

test('a worker has every role and no labels by default', () => {
  expect(readPlacement({})).toEqual({ role: 'both', labels: [] });
  expect(
    readPlacement({ QIBENCH_ROLE: 'measure', QIBENCH_LABELS: ' quiet, arm-board ,quiet,' }),
  ).toEqual({ role: 'measure', labels: ['arm-board', 'quiet'] });
});

test.each([
  ['QIBENCH_ROLE', 'builder'],
  ['QIBENCH_LABELS', 'quiet,Big Iron'],
  ['QIBENCH_LABELS', '-x'],
  ['QIBENCH_TUNE', 'speed'],
  ['QIBENCH_TUNE', 'swap'],
  ['QIBENCH_CPUSET', 'all'],
  ['QIBENCH_PERF', 'yes'],
  ['QIBENCH_METRICS_PORT', '65536'],
  ['DOCKER_HOST', 'ssh://host'],
  ['DOCKER_HOST', 'host'],
])('%s=%s is refused by its name', (setting, value) => {
  expect(() => readPlacement({ [setting]: value })).toThrow(setting);
});
