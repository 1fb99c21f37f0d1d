// SPDX-License-Identifier: GPL-2.0-or-later
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Bundles the Action into one file and collects the licences of its packages. The same sources give
 * the same bytes. The bundle is not minified, so that the committed file can be reviewed.
 */
export async function bundle() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['services/action/main.ts'],
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    write: false,
    metafile: true,
    legalComments: 'none',
    outfile: 'services/action/dist/main.js',
    preserveSymlinks: true,
    conditions: ['source'],
    charset: 'utf8',
    // Packages written as CommonJS call for `require`, which an ES module does not have.
    banner: {
      js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
    },
  });
  return new Map([
    ['main.js', outputFiles[0].text],
    ['licenses.txt', licences(Object.keys(metafile.inputs))],
  ]);
}

function licences(inputs) {
  const folders = new Set(
    inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
  );
  const texts = [...folders].map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(`${root}/${folder}/package.json`, 'utf8'),
    );
    const file = [
      'LICENSE',
      'LICENSE.md',
      'LICENSE.txt',
      'LICENCE',
      'license',
      'license.md',
      'License.md',
      'LICENSE-MIT.txt',
    ].find((candidate) => exists(`${root}/${folder}/${candidate}`));
    return `${name} ${version} (${license})\n\n${file === undefined ? '(its package holds no licence text)' : readFileSync(`${root}/${folder}/${file}`, 'utf8').trim()}\n`;
  });
  return texts.sort().join(`\n${'-'.repeat(72)}\n\n`);
}

function exists(file) {
  try {
    return readFileSync(file).length > 0;
  } catch {
    return false;
  }
}
