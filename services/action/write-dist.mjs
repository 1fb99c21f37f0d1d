// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { bundle } from './build.mjs';

const dist = new URL('dist/', import.meta.url);
const read = (name) => {
  try {
    return readFileSync(new URL(name, dist), 'utf8');
  } catch {
    return null;
  }
};

// --check: fails if the committed bundle differs from a new build.
mkdirSync(dist, { recursive: true });
for (const [name, text] of await bundle()) {
  if (!process.argv.includes('--check')) writeFileSync(new URL(name, dist), text);
  else if (read(name) !== text) {
    console.error(`services/action/dist/${name} is out of date; run: npm run build:action`);
    process.exitCode = 1;
  }
}
