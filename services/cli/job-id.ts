// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import type { Client } from './client.js';

/** First digits of a job's id: at least eight, and not all of them. */
const PREFIX = /^[0-9a-f]{8,31}$/;

/**
 * Completes the first digits of a job's id, as short links do. Returns other text unchanged.
 * @throws {NOT_FOUND} No job's id begins like this.
 */
export async function completeJobId(client: Client, id: string): Promise<string> {
  const digits = id.toLowerCase().replaceAll('-', '');
  if (!PREFIX.test(digits)) return id;
  const location = await client.redirectOf(`/c/${digits}`);
  const found = location === null ? undefined : /^\/jobs\/([^/]+)\/compare/.exec(location)?.[1];
  if (found === undefined) throw new QibenchError('NOT_FOUND', { what: 'job', id });
  return found;
}
