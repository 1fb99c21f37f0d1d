// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Decodes a text file. Accepts a byte order mark of UTF-8.
 * @throws {Error} The bytes are not UTF-8; the message says so and names UTF-16 if they look like
 *   it.
 */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const marked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const wide = bytes.length > 1 && (first === 0) !== (second === 0);
  if (marked || wide) throw new Error('the file is UTF-16; save it as UTF-8');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('the file is not UTF-8 text');
  }
}
