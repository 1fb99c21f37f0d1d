// SPDX-License-Identifier: GPL-2.0-or-later
// Runs all `lint:` scripts of package.json side by side and prints the output of each that fails: `npm run lint`.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));

/** Runs a script to its end and prints its output if it failed. */
function passes(name) {
  return new Promise((resolve) => {
    const output = [];
    const child = spawn(scripts[name], { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => output.push(chunk));
    child.on('close', (status) => {
      if (status !== 0)
        console.error(`${name}: ${scripts[name]}\n${Buffer.concat(output).toString()}`);
      if (status === 127 && name === 'lint:python')
        console.error('Install black: `apt-get install black`, or `pipx install black`.\n');
      resolve(status === 0);
    });
  });
}

const results = await Promise.all(
  Object.keys(scripts)
    .filter((name) => name.startsWith('lint:'))
    .map(passes),
);
process.exit(results.every(Boolean) ? 0 : 1);
