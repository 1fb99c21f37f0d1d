// SPDX-License-Identifier: GPL-2.0-or-later
// The import rule: which folders a folder may import from. eslint.config.js enforces it, and
// test/unit/docs/architecture.test.ts compares it with the table in ARCHITECTURE.md.
export const MAY_IMPORT = {
  'services/contract': [],
  'services/statistics': ['services/contract'],
  'services/formats': ['services/contract', 'services/statistics'],
  'services/domain': ['services/contract', 'services/statistics'],
  'services/catalogue': ['services/contract', 'services/domain'],
  'services/store': ['services/contract', 'services/domain'],
  'services/telemetry': ['services/contract'],
  'services/queue': ['services/contract', 'services/store', 'services/telemetry'],
  'services/api': [
    'services/contract',
    'services/client',
    'services/domain',
    'services/formats',
    'services/catalogue',
    'services/store',
    'services/telemetry',
    'services/queue',
  ],
  'services/client': ['services/contract'],
  'services/action': ['services/contract', 'services/client'],
  // Of the store only migration, backup and restore.
  'services/cli': ['services/contract', 'services/client', 'services/store'],
  'services/dashboard': ['services/contract'],
  worker: [
    'services/contract',
    'services/domain',
    'services/catalogue',
    'services/store',
    'services/telemetry',
    'services/queue',
  ],
};
