// SPDX-License-Identifier: GPL-2.0-or-later
const NEWLINE = 0x0a;
/**
 * Longest line, which is one row of a table: an uploaded archive takes two hexadecimal digits a
 * byte.
 */
const LINE_LIMIT_BYTES = 512 * 1024 * 1024;

/**
 * Yields the lines of a stream, each with its newline. A last line without a newline is dropped.
 */
export async function* readLines(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of stream) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      const end = chunk.subarray(from, at + 1);
      yield rest.length === 0 ? end : Buffer.concat([...rest, end]);
      rest = [];
      restBytes = 0;
      from = at + 1;
    }
    if (from === chunk.length) continue;
    rest.push(chunk.subarray(from));
    restBytes += chunk.length - from;
    if (restBytes > LINE_LIMIT_BYTES)
      throw new Error(`a line is longer than ${LINE_LIMIT_BYTES} bytes`);
  }
}
