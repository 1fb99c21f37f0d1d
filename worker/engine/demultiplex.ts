// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Splits Docker's multiplexed attach stream: frames of an 8-byte header (stream type, three zero
 * bytes, payload length as 32-bit big-endian) and a payload. Feed it chunks of any size.
 *
 * Why: the client library's own splitter recurses once per frame and overflows the stack on many
 * small frames. Source: Docker Engine API, "Attach to a container", stream format.
 */
export function demultiplexer(
  onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void,
): (chunk: Buffer) => void {
  const header = Buffer.alloc(8);
  let headerBytes = 0;
  let payloadBytes = 0;

  return (chunk) => {
    let offset = 0;
    while (offset < chunk.length) {
      if (payloadBytes === 0) {
        const wanted = Math.min(8 - headerBytes, chunk.length - offset);
        chunk.copy(header, headerBytes, offset, offset + wanted);
        headerBytes += wanted;
        offset += wanted;
        if (headerBytes < 8) return;
        headerBytes = 0;
        payloadBytes = header.readUInt32BE(4);
        continue;
      }
      const end = Math.min(offset + payloadBytes, chunk.length);
      onOutput(header[0] === 2 ? 'stderr' : 'stdout', chunk.subarray(offset, end));
      payloadBytes -= end - offset;
      offset = end;
    }
  };
}
