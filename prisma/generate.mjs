// SPDX-License-Identifier: GPL-2.0-or-later
// Runs `prisma generate` without a network: see no-schema-engine.sh.
// A schema engine named in the environment takes precedence.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const environment = {
  PRISMA_SCHEMA_ENGINE_BINARY: `${root}prisma/no-schema-engine.sh`,
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
  CHECKPOINT_DISABLE: '1',
  ...process.env,
};
const result = spawnSync(
  process.execPath,
  [`${root}node_modules/prisma/build/index.js`, 'generate'],
  { cwd: root, env: environment, encoding: 'utf8' },
);
if (result.status !== 0) {
  process.stderr.write(result.stdout + result.stderr);
  process.exit(result.status ?? 1);
}
