// SPDX-License-Identifier: GPL-2.0-or-later
import { join } from 'node:path';
import type { StepContext } from '../step-context.js';
import { ensureBaseImage, ensureImage } from './images.js';

/** Returns the folder of the fetcher's Dockerfile and programs. */
export function fetcherFolder({ rootDir }: Pick<StepContext, 'rootDir'>): string {
  return join(rootDir, 'dockerfiles/fetcher');
}

/** Returns the command that runs a program of the fetcher. */
export function fetcherCommand(program: string, ...args: readonly string[]): string[] {
  return ['python3', `/usr/local/lib/qibench/${program}`, ...args];
}

/** Builds the image that fetches and unpacks sources, and reads mails. Returns its tag. */
export async function ensureFetcher(context: StepContext, suite: string): Promise<string> {
  const base = await ensureBaseImage(context, suite);
  const { tag } = await ensureImage(context, {
    name: 'fetcher',
    label: suite,
    folder: fetcherFolder(context),
    arguments: { BASE: base },
  });
  return tag;
}
