// SPDX-License-Identifier: GPL-2.0-or-later
// Tests run from the compiled tree (`npm run build` first), so they test the code that ships.
const project = (name, extra = {}) => ({
  displayName: name,
  testMatch: [`<rootDir>/dist/test/${name}/**/*.test.js`],
  transform: {},
  ...extra,
});

const realComponents = {
  globalSetup: '<rootDir>/dist/test/support/stores-setup.js',
  globalTeardown: '<rootDir>/dist/test/support/stores-teardown.js',
};
const docker = {
  globalSetup: '<rootDir>/dist/test/support/docker-setup.js',
  globalTeardown: '<rootDir>/dist/test/support/docker-teardown.js',
};

export default {
  projects: [
    project('unit'),
    project('integration', realComponents),
    project('e2e'),
    project('conformance', docker),
    project('engines', docker),
    project('long'),
  ],
  maxWorkers: 1,
  // Stops a test that hangs. The limit is long enough for a busy machine.
  testTimeout: 30_000,
};
