// SPDX-License-Identifier: GPL-2.0-or-later
import { readSettings, type Environment } from '#contract/settings.js';
import { REGISTRY_SETTINGS, registrySettings } from '#worker/engine/registry-settings.js';

const readRegistry = (environment: Environment) =>
  registrySettings(readSettings(REGISTRY_SETTINGS, environment));

test('without a setting images stay local, and with one they go to the registry', () => {
  expect(readRegistry({})).toBeNull();
  expect(readRegistry({ QIBENCH_REGISTRY: 'registry.example:5000/ci' })).toEqual({
    address: 'registry.example:5000/ci',
    credentials: null,
  });
  expect(
    readRegistry({
      QIBENCH_REGISTRY: 'localhost',
      QIBENCH_REGISTRY_USER: 'worker',
      QIBENCH_REGISTRY_PASSWORD: 'secret',
    }),
  ).toEqual({ address: 'localhost', credentials: { username: 'worker', password: 'secret' } });
});

test.each([
  'https://registry.example',
  'registry',
  'ci/registry.example',
  'registry.example/A',
  'registry.example:5000/',
])('QIBENCH_REGISTRY=%s is refused, as Docker would read it differently', (address) => {
  expect(() => readRegistry({ QIBENCH_REGISTRY: address })).toThrow('QIBENCH_REGISTRY');
});
