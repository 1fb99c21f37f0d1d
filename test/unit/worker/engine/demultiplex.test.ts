// SPDX-License-Identifier: GPL-2.0-or-later
import { demultiplexer } from '#worker/engine/demultiplex.js';

function frame(stream: 1 | 2, text: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

test.each([1, 3, 8, 9, 1_000])(
  'output arrives complete and in order in stream pieces of %i bytes',
  (size) => {
    const stream = Buffer.concat([
      frame(1, 'out one '),
      frame(2, 'err'),
      frame(1, ''),
      frame(1, 'out two'),
    ]);
    const output = { stdout: '', stderr: '' };
    const feed = demultiplexer((name, chunk) => (output[name] += chunk.toString()));

    for (let offset = 0; offset < stream.length; offset += size)
      feed(stream.subarray(offset, offset + size));

    expect(output).toEqual({ stdout: 'out one out two', stderr: 'err' });
  },
);

test('a hundred thousand tiny frames in one chunk do not overflow the stack', () => {
  let bytes = 0;
  demultiplexer((_, chunk) => (bytes += chunk.length))(
    Buffer.concat(Array.from({ length: 100_000 }, () => frame(1, 'x'))),
  );

  expect(bytes).toBe(100_000);
});
