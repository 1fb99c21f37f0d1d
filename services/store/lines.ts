const NEWLINE = 0x0a;
/** A row of a table is one line: the bytes of an upload as hexadecimal digits, for one. */
const LINE_LIMIT_BYTES = 512 * 1024 * 1024;

/** The lines of a stream, each with its newline. A last one without is not given. */
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
