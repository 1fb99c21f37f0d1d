// SPDX-License-Identifier: GPL-2.0-or-later
// Compiles records.c to module.ts: `npm run build:native`. Needs clang and wasm-ld, Debian's packages clang and lld.
// --check: fails if module.ts is not made from the present source; needs neither.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const FLAGS = [
  '--target=wasm32',
  '-std=c11',
  '-O3',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-msimd128',
  '-mbulk-memory',
  '-ffreestanding',
  '-fvisibility=hidden',
  '-nostdlib',
  '-Wl,--no-entry,--export-dynamic,--strip-all,--export=__heap_base,-z,stack-size=16384',
];
const source = readFileSync(path('records.c'));
const digest = createHash('sha256').update(source).update(FLAGS.join(' ')).digest('hex');

if (process.argv.includes('--check')) {
  if (!readFileSync(path('module.ts'), 'utf8').includes(`\n// ${digest}\n`)) {
    console.error(
      'services/domain/trace/native/module.ts is out of date; run: npm run build:native',
    );
    process.exitCode = 1;
  }
} else {
  const folder = mkdtempSync(join(tmpdir(), 'qibench-native-'));
  try {
    const output = join(folder, 'records.wasm');
    execFileSync(process.env.CLANG ?? 'clang', [...FLAGS, '-o', output, path('records.c')], {
      stdio: 'inherit',
    });
    const lines = readFileSync(output)
      .toString('base64')
      .match(/.{1,100}/g);
    writeFileSync(
      path('module.ts'),
      '// SPDX-License-Identifier: GPL-2.0-or-later\n' +
        '// Made by write-module.mjs from records.c and its flags, whose SHA-256 is\n' +
        `// ${digest}\n` +
        `export const MODULE = \`\n${lines.join('\n')}\n\`;\n`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
