// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile, rename, writeFile } from 'node:fs/promises';

/** Records that a benchmark has measured so far. */
export interface Kept<T> {
  /** In the order of adding. */
  readonly records: readonly T[];
  /**
   * Adds a record and replaces the file atomically, so that a crash leaves the old or the new one.
   */
  add(record: T): Promise<void>;
}

/**
 * Opens the records of earlier runs in a file, so that a stopped benchmark resumes.
 * @param settings The settings that the records depend on, as a JSON value.
 * @throws {Error} The file has other settings.
 */
export async function openKept<T>(file: string, settings: object): Promise<Kept<T>> {
  const text = await readFile(file, 'utf8').catch(() => null);
  const before = text === null ? null : (JSON.parse(text) as { settings: object; records: T[] });
  if (before !== null && JSON.stringify(before.settings) !== JSON.stringify(settings))
    throw new Error(
      `${file} was written with other settings, ${JSON.stringify(before.settings)}: remove ` +
        'it or use another --state file',
    );
  const records = before?.records ?? [];
  return {
    records,
    async add(record) {
      records.push(record);
      await writeFile(`${file}.new`, JSON.stringify({ settings, records }));
      await rename(`${file}.new`, file);
    },
  };
}

/**
 * Returns a function that tells whether the minutes since this call have passed; always false
 * without a number.
 */
export function timeBudget(minutes: string | undefined): () => boolean {
  const endMs = minutes === undefined ? Infinity : performance.now() + Number(minutes) * 60_000;
  return () => performance.now() >= endMs;
}
