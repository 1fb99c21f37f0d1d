// SPDX-License-Identifier: GPL-2.0-or-later
import { WORKLOAD_LIMITS } from './constants.js';
import type { MissingChunks } from './workload-upload.js';

/** Returns the chunks among these digests that the project has not sent yet, each once. */
export async function missingChunks(
  service: { post<T>(path: string, body: unknown): Promise<T> },
  digests: readonly string[],
): Promise<string[]> {
  const missing: string[] = [];
  const { digestsAtOnce } = WORKLOAD_LIMITS;
  const distinct = [...new Set(digests)];
  for (let from = 0; from < distinct.length; from += digestsAtOnce) {
    const asked = { digests: distinct.slice(from, from + digestsAtOnce) };
    missing.push(...(await service.post<MissingChunks>('/v1/chunks/missing', asked)).missing);
  }
  return missing;
}
