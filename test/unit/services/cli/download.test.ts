// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { download } from '#cli/download.js';

const CSV = 'name\r\n\u001b]0;title\u0007größe\u009b\n';
const client = { open: async () => new Response(CSV) };

/** Returns what a terminal or a pipe receives. */
async function received(isTTY: boolean, binary = false): Promise<string> {
  const stdout = Object.assign(new PassThrough(), { isTTY });
  await download(client, '/x', undefined, { binary, stdout });
  stdout.end();
  return text(stdout);
}

test('a terminal gets control characters as text', async () => {
  expect(await received(true)).toBe('name\n\\x1b]0;title\\x07größe\\x9b\n');
});

test('a pipe and a file get the bytes as they are', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qibench-download-'));
  try {
    await download(client, '/x', join(folder, 'f'));

    expect(readFileSync(join(folder, 'f'), 'utf8')).toBe(CSV);
    expect(await received(false, true)).toBe(CSV);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('binary data is refused on a terminal', async () => {
  await expect(received(true, true)).rejects.toMatchObject({
    code: 'BAD_USAGE',
    message: expect.stringContaining('--output') as string,
  });
});
