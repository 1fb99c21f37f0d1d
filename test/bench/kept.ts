import { readFile, rename, writeFile } from 'node:fs/promises';

/** What a benchmark has measured so far. */
export interface Kept<T> {
  /** In the order in which they were added. */
  readonly records: readonly T[];
  /** Adds a record and writes the file anew, so that a crash leaves the old one or the new one. */
  add(record: T): Promise<void>;
}

/**
 * Opens what earlier runs of a benchmark left in a file: a benchmark that was stopped goes on from there.
 *
 * @param settings what records depend on, as JSON has it
 * @throws Error if the file is of other settings
 */
export async function openKept<T>(file: string, settings: object): Promise<Kept<T>> {
  const text = await readFile(file, 'utf8').catch(() => null);
  const before = text === null ? null : (JSON.parse(text) as { settings: object; records: T[] });
  if (before !== null && JSON.stringify(before.settings) !== JSON.stringify(settings))
    throw new Error(
      `${file} is of ${JSON.stringify(before.settings)}: remove it, or name another --state`,
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

/** Whether so many minutes have passed since the call; never without a number. */
export function timeBudget(minutes: string | undefined): () => boolean {
  const endMs = minutes === undefined ? Infinity : performance.now() + Number(minutes) * 60_000;
  return () => performance.now() >= endMs;
}
