// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import type { Client } from './client.js';

const ID_DIGITS = 32;
/** A job's id, or its first digits. */
const DIGITS = /^[0-9a-f]{8,32}$/;

/**
 * Completes the first digits of a job's id, as short links do.
 * @throws {BAD_USAGE} The text is neither an id nor at least eight digits of one.
 * @throws {NOT_FOUND} No job's id begins like this.
 */
export async function completeJobId(client: Client, id: string): Promise<string> {
  const digits = id.toLowerCase().replaceAll('-', '');
  if (!DIGITS.test(digits))
    throw new QibenchError('BAD_USAGE', {
      reason: `"${id.slice(0, 100)}" is not a job's id, nor at least its first eight digits`,
    });
  if (digits.length === ID_DIGITS) return id;
  const location = await client.redirectOf(`/c/${digits}`);
  const found =
    location === null ? undefined : /\/jobs\/([^/]+)\/compare(?:$|\?)/.exec(location)?.[1];
  if (found === undefined) throw new QibenchError('NOT_FOUND', { what: 'job', id });
  return found;
}
