// SPDX-License-Identifier: GPL-2.0-or-later
import { Readable } from 'node:stream';
import tar from 'tar-stream';

/**
 * Returns a tar that is packed while it is read. It begins when it is read, because an error before
 * that would have no listener.
 *
 * @param fill Packs the entries and finalises the tar; the reader gets its error.
 * @param ended Called when the reader has ended, or stopped early.
 */
export function lazyTar(
  fill: (pack: tar.Pack) => Promise<void>,
  ended: () => void = () => undefined,
): Readable {
  async function* packed(): AsyncGenerator<Buffer> {
    const pack = tar.pack();
    const chunks = pack[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    fill(pack).catch((error: Error) => pack.destroy(error));
    try {
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next())
        yield next.value;
    } finally {
      pack.destroy();
      ended();
    }
  }
  return Readable.from(packed());
}
