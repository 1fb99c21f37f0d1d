// SPDX-License-Identifier: GPL-2.0-or-later
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { printable } from '#client/printable.js';
import { QibenchError } from '#contract/error.js';
import type { Client } from './client.js';

/**
 * Writes an answer of the service to a file, or to standard output. On a terminal, control
 * characters in it become visible.
 * @param output The file; undefined: standard output.
 * @throws {BAD_USAGE} Binary data would go to a terminal.
 */
export async function download(
  client: Pick<Client, 'open'>,
  path: string,
  output: string | undefined,
  { binary = false, stdout = process.stdout as NodeJS.WritableStream & { isTTY?: boolean } } = {},
): Promise<void> {
  const shown = output === undefined && stdout.isTTY === true;
  if (shown && binary)
    throw new QibenchError('BAD_USAGE', {
      reason: 'binary data is not for a terminal: name a file with --output, or use a pipe',
    });
  const body = (await client.open(path)).body!;
  if (output !== undefined) await pipeline(body, createWriteStream(output));
  else if (shown) await pipeline(body, visible, stdout, { end: false });
  else await pipeline(body, stdout, { end: false });
}

async function* visible(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of chunks) yield printable(decoder.decode(chunk, { stream: true }));
  yield printable(decoder.decode());
}
