// SPDX-License-Identifier: GPL-2.0-or-later
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KnobReport } from '#contract/host.js';

/**
 * A setting of the host that timings depend on. Paths are below `root`, which is / except in tests.
 */
export interface Knob {
  readonly name: KnobReport['name'];
  /** Good value for measuring, in words. */
  readonly wanted: string;
  /** Reads the value; null if the host does not have the knob or does not show it. */
  read(root: string): Promise<string | null>;
  isGood(value: string): boolean;
  /** Sets a good value; a text gives the reason why qibench never changes the knob. */
  readonly set: ((root: string) => Promise<void>) | string;
}

/** Reads a knob and changes it only if that is needed, possible and allowed. */
export async function applyKnob(knob: Knob, allowed: boolean, root = '/'): Promise<KnobReport> {
  const { name } = knob;
  const value = await knob.read(root);
  if (value === null)
    return { name, value, status: 'skipped', reason: 'this host does not show it' };
  if (knob.isGood(value)) return { name, value, status: 'already', reason: null };
  const skipped = (reason: string): KnobReport => ({
    name,
    value,
    status: 'skipped',
    reason: `${reason}; better: ${knob.wanted}`,
  });
  if (typeof knob.set === 'string') return skipped(knob.set);
  if (!allowed) return skipped('QIBENCH_TUNE does not name it');
  try {
    await knob.set(root);
  } catch (error) {
    return skipped(error instanceof Error ? error.message : String(error));
  }
  const now = await knob.read(root);
  return now !== null && knob.isGood(now)
    ? { name, value: now, status: 'set', reason: null }
    : { ...skipped('it did not change'), value: now };
}

/** Returns a file's text without the line end; null if the file cannot be read. */
export async function readText(root: string, path: string): Promise<string | null> {
  return readFile(join(root, path), 'utf8').then(
    (text) => text.trim(),
    () => null,
  );
}

export async function writeText(root: string, path: string, text: string): Promise<void> {
  await writeFile(join(root, path), text);
}

/** Returns the paths of a file below every CPU that has it. */
export async function filesOfCpus(root: string, path: string): Promise<string[]> {
  const folder = 'sys/devices/system/cpu';
  const names = await readdir(join(root, folder)).catch(() => []);
  const files = names
    .filter((name) => /^cpu\d+$/.test(name))
    .sort()
    .map((name) => `${folder}/${name}/${path}`);
  const texts = await Promise.all(files.map((file) => readText(root, file)));
  return files.filter((_, index) => texts[index] !== null);
}

/** Returns the word in brackets, as in `always [madvise] never`. */
export function chosenOf(text: string): string | null {
  return /\[([^\]]+)\]/.exec(text)?.[1] ?? null;
}
